-- Outbound web identity federation: the issuer of each account that ever enabled it. The id stays
-- when it is disabled: tokens that are out can still be verified, and enabling it again gives the
-- same issuer.
create table iam_outbound_issuers (
    account_id text    not null primary key,
    issuer_id  text    not null,
    enabled    integer not null
);

create unique index iam_outbound_issuers_id on iam_outbound_issuers (issuer_id);

-- The keys that sign its tokens. public_key is in PKIX form, private_key is sealed.
create table iam_outbound_keys (
    id          text    not null primary key,
    account_id  text    not null,
    algorithm   text    not null,
    public_key  blob    not null,
    private_key blob    not null,
    created_at  integer not null
);

create index iam_outbound_keys_account on iam_outbound_keys (account_id, created_at, id);

-- Settings of accounts: which tokens the global endpoint of STS gives, whether role manager is on,
-- and since when the root user has a login profile.
create table iam_account_settings (
    account_id           text    not null primary key,
    global_token_version integer not null,
    role_manager         integer not null,
    root_profile_at      integer
);
