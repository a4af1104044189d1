-- Resources of other services that accounts have registered. tags are a list of pairs in
-- JSON.
create table resource_resources (
    arn        text    not null primary key,
    account_id text    not null,
    type       text    not null,
    policy     text    not null,
    tags       text    not null,
    created_at integer not null,
    updated_at integer not null
);

create index resource_resources_account on resource_resources (account_id, arn);

-- The users and roles that a policy names, under the name that stands in it and with the
-- unique id that the name meant; they may be gone.
create table resource_principals (
    resource_arn text not null references resource_resources (arn),
    name         text not null,
    principal_id text not null,
    primary key (resource_arn, name)
);
