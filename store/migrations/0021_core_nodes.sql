-- The nodes that run, for whoever is about to change the schema: which is the newest migration
-- that each of them knows. Written only where several nodes share one database; by its clock.
create table core_nodes (
    id       text    not null primary key,
    version  text    not null,
    knows    integer not null,
    began_at integer not null,
    seen_at  integer not null
);
