-- Ids of roots, OUs and policies are unique within their organization only, so every table
-- of the tree is keyed by organization first.
create table org_organizations (
    id                    text    not null primary key,
    management_account_id text    not null unique,
    feature_set           text    not null,
    root_id               text    not null,
    created_at            integer not null
);

-- Accounts exist without an organization: organization_id and parent_id are empty then.
-- email_key is the address in lower case.
create table org_accounts (
    id              text    not null primary key,
    name            text    not null,
    email           text    not null,
    email_key       text    not null unique,
    state           text    not null,
    billing_access  text    not null,
    created_at      integer not null,
    closed_at       integer,
    created         integer not null,
    organization_id text    not null,
    parent_id       text    not null,
    joined_method   text    not null,
    joined_at       integer
);

create index org_accounts_organization on org_accounts (organization_id, id);
create index org_accounts_parent on org_accounts (organization_id, parent_id, id);
create index org_accounts_closed on org_accounts (organization_id, closed_at);

create table org_units (
    organization_id text    not null,
    id              text    not null,
    parent_id       text    not null,
    name            text    not null,
    depth           integer not null,
    created_at      integer not null,
    primary key (organization_id, id)
);

create unique index org_units_name on org_units (organization_id, parent_id, name);
create index org_units_parent on org_units (organization_id, parent_id, id);

-- Policy types that are enabled in the root.
create table org_policy_types (
    organization_id text not null,
    type            text not null,
    primary key (organization_id, type)
);

-- Policies that organizations made; AWS's own are in the program.
create table org_policies (
    organization_id text    not null,
    id              text    not null,
    type            text    not null,
    name            text    not null,
    description     text    not null,
    content         text    not null,
    created_at      integer not null,
    primary key (organization_id, id)
);

create unique index org_policies_name on org_policies (organization_id, type, name);
create index org_policies_type on org_policies (organization_id, type, id);

create table org_attachments (
    organization_id text not null,
    target_id       text not null,
    type            text not null,
    policy_id       text not null,
    kind            text not null,
    primary key (organization_id, target_id, type, policy_id)
);

create index org_attachments_policy on org_attachments (organization_id, policy_id, target_id);
create index org_attachments_type on org_attachments (organization_id, type);

create table org_tags (
    organization_id text not null,
    resource_id     text not null,
    tag_key         text not null,
    tag_value       text not null,
    primary key (organization_id, resource_id, tag_key)
);

create table org_create_requests (
    organization_id text    not null,
    id              text    not null,
    account_name    text    not null,
    state           text    not null,
    requested_at    integer not null,
    completed_at    integer,
    account_id      text    not null,
    failure_reason  text    not null,
    primary key (organization_id, id)
);

-- Numbers that limits are checked against.
create table org_counters (
    organization_id text    not null,
    name            text    not null,
    value           integer not null,
    primary key (organization_id, name)
);
