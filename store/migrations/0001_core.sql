-- Small values of the installation itself, by name: written rarely, read at start.
create table core_settings (
    name       text    not null primary key,
    value      text    not null,
    updated_at integer not null
);

-- What each node changed, for the caches of the other nodes. Written only where several
-- nodes share one database; append-only, so that writers never wait for one another here.
create table core_changes (
    id    integer primary key,
    xid   integer not null,
    node  text    not null,
    scope text    not null
);

create index core_changes_xid on core_changes (xid);
