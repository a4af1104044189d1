-- The event log from here on: events of one account that lie close together in time are one
-- compressed row. Events that were written before stay in audit_events until they are too old.
create table audit_packs (
    seq        integer primary key,
    id         text    not null,
    account_id text    not null,
    first_at   integer not null,
    last_at    integer not null,
    events     blob    not null
);

create unique index audit_packs_id on audit_packs (id);
create index audit_packs_account on audit_packs (account_id, last_at, id);
