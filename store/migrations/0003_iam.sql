-- Users, groups and roles. name_key is the name in lower case: names are unique whatever
-- their case. The columns after boundary belong to users (password_last_used) and to roles.
create table iam_identities (
    id                 text    not null primary key,
    account_id         text    not null,
    kind               text    not null,
    name               text    not null,
    name_key           text    not null,
    path               text    not null,
    created_at         integer not null,
    boundary           text    not null,
    password_last_used integer,
    description        text    not null,
    trust_policy       text    not null,
    max_session        integer not null,
    last_used_at       integer,
    last_used_region   text    not null
);

create unique index iam_identities_name_key on iam_identities (account_id, kind, name_key);
create index iam_identities_name on iam_identities (account_id, kind, name);
create index iam_identities_boundary on iam_identities (account_id, boundary);

-- The users and roles that a role's trust policy names, under the name that stands in it and
-- with the unique id that the name meant; they may be gone.
create table iam_trusts (
    role_id      text not null references iam_identities (id),
    name         text not null,
    principal_id text not null,
    primary key (role_id, name)
);

create index iam_trusts_principal on iam_trusts (principal_id);

create table iam_members (
    group_id text not null references iam_identities (id),
    user_id  text not null references iam_identities (id),
    primary key (group_id, user_id)
);

create index iam_members_user on iam_members (user_id, group_id);

-- Customer managed policies; AWS's own are in the program.
create table iam_policies (
    id              text    not null primary key,
    account_id      text    not null,
    arn             text    not null,
    name            text    not null,
    name_key        text    not null,
    path            text    not null,
    description     text    not null,
    default_version integer not null,
    next_version    integer not null,
    created_at      integer not null,
    updated_at      integer not null
);

create unique index iam_policies_arn on iam_policies (arn);
create unique index iam_policies_name_key on iam_policies (account_id, name_key);
create index iam_policies_name on iam_policies (account_id, name);

create table iam_policy_versions (
    policy_id  text    not null references iam_policies (id),
    number     integer not null,
    document   text    not null,
    created_at integer not null,
    primary key (policy_id, number)
);

-- Managed policies, of AWS or of the account, on identities. Name and path of a policy never
-- change, so they stand here too.
create table iam_attachments (
    identity_id text not null references iam_identities (id),
    policy_arn  text not null,
    account_id  text not null,
    policy_name text not null,
    policy_path text not null,
    primary key (identity_id, policy_arn)
);

create index iam_attachments_policy on iam_attachments (account_id, policy_arn, identity_id);

create table iam_inline_policies (
    identity_id text not null references iam_identities (id),
    name        text not null,
    document    text not null,
    primary key (identity_id, name)
);

-- Tags of whatever has a unique id. tag_key_folded is the key in lower case.
create table iam_tags (
    owner_id       text not null,
    tag_key_folded text not null,
    tag_key        text not null,
    tag_value      text not null,
    primary key (owner_id, tag_key_folded)
);

-- Access keys; user_id is empty for the root user. secret is sealed.
create table iam_access_keys (
    id                text    not null primary key,
    account_id        text    not null,
    user_id           text    not null,
    status            text    not null,
    secret            blob    not null,
    created_at        integer not null,
    last_used_at      integer,
    last_used_service text    not null,
    last_used_region  text    not null
);

create index iam_access_keys_user on iam_access_keys (account_id, user_id, id);
