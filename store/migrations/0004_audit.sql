-- The event log: one row for each account that receives an event. Append-only but for
-- retention.
create table audit_events (
    account_id    text    not null,
    at            integer not null,
    id            text    not null,
    request_id    text    not null,
    source        text    not null,
    name          text    not null,
    username      text    not null,
    access_key_id text    not null,
    read_only     integer not null,
    error_code    text    not null,
    record        text    not null,
    primary key (account_id, at, id)
);

create index audit_events_id on audit_events (id);
create index audit_events_request on audit_events (request_id);
create index audit_events_at on audit_events (at);
create index audit_events_name on audit_events (account_id, name, at, id);
create index audit_events_username on audit_events (account_id, username, at, id);

-- What an event concerned, for look-ups by resource.
create table audit_resources (
    account_id text    not null,
    at         integer not null,
    event_id   text    not null,
    position   integer not null,
    name       text    not null,
    type       text    not null,
    owner_id   text    not null,
    primary key (account_id, at, event_id, position)
);

create index audit_resources_name on audit_resources (account_id, name, at, event_id);
create index audit_resources_type on audit_resources (account_id, type, at, event_id);
create index audit_resources_at on audit_resources (at);
