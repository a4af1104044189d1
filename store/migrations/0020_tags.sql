-- What had tags and has none any more; what is gone is not here either.
create table iam_untagged (
    owner_id text not null primary key
);

create table org_untagged (
    organization_id text not null,
    resource_id     text not null,
    primary key (organization_id, resource_id)
);
