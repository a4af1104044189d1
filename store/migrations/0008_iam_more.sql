-- The public keys of users: SSH keys (kind ssh) and X.509 certificates with which requests are
-- signed (kind certificate). user_id is empty for the root user. fingerprint tells whether two
-- are the same key.
create table iam_public_keys (
    id          text    not null primary key,
    kind        text    not null,
    account_id  text    not null,
    user_id     text    not null,
    status      text    not null,
    fingerprint text    not null,
    body        text    not null,
    uploaded_at integer not null
);

create unique index iam_public_keys_user on iam_public_keys (account_id, user_id, kind, fingerprint);

-- Server certificates. private_key is sealed.
create table iam_server_certificates (
    id          text    not null primary key,
    account_id  text    not null,
    name        text    not null,
    name_key    text    not null,
    path        text    not null,
    uploaded_at integer not null,
    expires_at  integer not null,
    body        text    not null,
    chain       text    not null,
    private_key blob    not null
);

create unique index iam_server_certificates_name_key on iam_server_certificates (account_id, name_key);
create index iam_server_certificates_name on iam_server_certificates (account_id, name);

-- Credentials of users for single services. secret is a hash; expires_at is null for those that
-- stay.
create table iam_service_credentials (
    id         text    not null primary key,
    account_id text    not null,
    user_id    text    not null,
    service    text    not null,
    alias      text    not null,
    secret     text    not null,
    status     text    not null,
    created_at integer not null,
    expires_at integer
);

create unique index iam_service_credentials_alias on iam_service_credentials (account_id, service, alias);
create index iam_service_credentials_user on iam_service_credentials (account_id, user_id, id);
create index iam_service_credentials_account on iam_service_credentials (account_id, id);
