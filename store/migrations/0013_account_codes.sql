-- The last one-time code of each kind that was sent for an account. code is empty once it
-- has been used; the row says what came of it.
create table account_codes (
    account_id  text    not null,
    kind        text    not null,
    destination text    not null,
    code        text    not null,
    sent_at     integer not null,
    used_at     integer,
    primary key (account_id, kind)
);
