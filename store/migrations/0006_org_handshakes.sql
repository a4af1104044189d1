-- Handshakes. recipient is an account id, or an address in lower case while no account has
-- it. ends_at is when the last state began; of one that waits, when it expires.
create table org_handshakes (
    id              text    not null primary key,
    organization_id text    not null,
    action          text    not null,
    state           text    not null,
    party_type      text    not null,
    party_id        text    not null,
    recipient       text    not null,
    parent_id       text    not null,
    notes           text    not null,
    requested_at    integer not null,
    expires_at      integer not null,
    ends_at         integer not null
);

create index org_handshakes_organization on org_handshakes (organization_id, id);
create index org_handshakes_action on org_handshakes (organization_id, action, state);
create index org_handshakes_recipient on org_handshakes (recipient, id);
create index org_handshakes_ends on org_handshakes (organization_id, ends_at);

-- Accounts whose owner has yet to prove that the e-mail address is theirs.
create table org_unverified_emails (
    account_id text not null primary key
);

-- AWS services that an organization trusts.
create table org_trusted_services (
    organization_id text    not null,
    principal       text    not null,
    enabled_at      integer not null,
    primary key (organization_id, principal)
);

-- Member accounts that administer a service for their organization.
create table org_delegated_administrators (
    organization_id text    not null,
    account_id      text    not null,
    principal       text    not null,
    registered_at   integer not null,
    primary key (organization_id, account_id, principal)
);

create index org_delegated_administrators_service
    on org_delegated_administrators (organization_id, principal, account_id);

-- The policy by which an organization lets member accounts manage it.
create table org_resource_policies (
    organization_id text    not null primary key,
    id              text    not null,
    content         text    not null,
    created_at      integer not null
);
