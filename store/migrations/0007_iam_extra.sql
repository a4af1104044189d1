-- Virtual MFA devices. seed is sealed. A device that is not enabled has no enabled_at; user_id
-- is empty for the root user. last_step is the time step of the newest code that was accepted
-- (a code is good once), drift how many steps the device's clock is ahead. serial_key is the
-- serial number in lower case.
create table iam_mfa_devices (
    serial     text    not null primary key,
    serial_key text    not null,
    account_id text    not null,
    seed       blob    not null,
    created_at integer not null,
    user_id    text    not null,
    enabled_at integer,
    last_step  integer not null,
    drift      integer not null
);

create unique index iam_mfa_devices_serial_key on iam_mfa_devices (account_id, serial_key);
create index iam_mfa_devices_account on iam_mfa_devices (account_id, serial);
create index iam_mfa_devices_user on iam_mfa_devices (account_id, user_id, serial);

-- The passwords of users. changed_at tells one password of a user from the next.
create table iam_login_profiles (
    user_id        text    not null primary key references iam_identities (id),
    password       text    not null,
    reset_required integer not null,
    created_at     integer not null,
    changed_at     integer not null
);

-- The passwords that users had before, kept as long as a password policy can ask for them.
create table iam_old_passwords (
    user_id    text    not null references iam_identities (id),
    changed_at integer not null,
    password   text    not null,
    primary key (user_id, changed_at)
);

create table iam_password_policies (
    account_id         text    not null primary key,
    minimum_length     integer not null,
    require_symbols    integer not null,
    require_numbers    integer not null,
    require_uppercase  integer not null,
    require_lowercase  integer not null,
    allow_users_change integer not null,
    max_age_days       integer not null,
    reuse_prevention   integer not null,
    hard_expiry        integer
);

-- Instance profiles; role_id is empty for one without a role.
create table iam_instance_profiles (
    id         text    not null primary key,
    account_id text    not null,
    name       text    not null,
    name_key   text    not null,
    path       text    not null,
    created_at integer not null,
    role_id    text    not null
);

create unique index iam_instance_profiles_name_key on iam_instance_profiles (account_id, name_key);
create index iam_instance_profiles_name on iam_instance_profiles (account_id, name);
create index iam_instance_profiles_role on iam_instance_profiles (account_id, role_id, name);

-- An account has at most one alias, and no two accounts have the same.
create table iam_account_aliases (
    account_id text not null primary key,
    alias      text not null
);

create unique index iam_account_aliases_alias on iam_account_aliases (alias);

-- The requests to delete service-linked roles, with how they ended.
create table iam_deletion_tasks (
    id         text    not null primary key,
    account_id text    not null,
    created_at integer not null,
    status     text    not null,
    reason     text    not null
);

create index iam_deletion_tasks_created on iam_deletion_tasks (created_at);
