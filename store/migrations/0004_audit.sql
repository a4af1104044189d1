-- The event log: one row for each account that receives an event. Append-only but for
-- retention, and laid out so that appending stays cheap: rows in the order of their
-- arrival, ids that begin with the time, one index for each account's history.
create table audit_events (
    seq           integer primary key,
    id            text    not null,
    account_id    text    not null,
    at            integer not null,
    request_id    text    not null,
    source        text    not null,
    name          text    not null,
    username      text    not null,
    access_key_id text    not null,
    read_only     integer not null,
    error_code    text    not null,
    record        text    not null
);

create unique index audit_events_id on audit_events (id);
create index audit_events_account on audit_events (account_id, at, id);

-- What an event concerned, for look-ups by resource.
create table audit_resources (
    event_id   text    not null,
    position   integer not null,
    account_id text    not null,
    at         integer not null,
    name       text    not null,
    type       text    not null,
    owner_id   text    not null,
    primary key (event_id, position)
);
