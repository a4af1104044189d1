-- Identity providers. client_ids and thumbprints are lists in JSON.
create table iam_oidc_providers (
    arn         text    not null primary key,
    account_id  text    not null,
    url         text    not null,
    client_ids  text    not null,
    thumbprints text    not null,
    created_at  integer not null
);

create index iam_oidc_providers_account on iam_oidc_providers (account_id, arn);

create table iam_saml_providers (
    arn         text    not null primary key,
    account_id  text    not null,
    uuid        text    not null,
    metadata    text    not null,
    encryption  text    not null,
    created_at  integer not null,
    valid_until integer not null
);

create index iam_saml_providers_account on iam_saml_providers (account_id, arn);

-- The private keys with which assertions of a provider are decrypted. private_key is sealed.
create table iam_saml_keys (
    id          text    not null primary key,
    provider    text    not null,
    private_key blob    not null,
    added_at    integer not null
);

create index iam_saml_keys_provider on iam_saml_keys (provider, id);
