-- Product providers: the accounts that may ask for temporary delegation, by the domain of
-- the provider.
create table iam_partners (
    account_id text    not null primary key,
    domain     text    not null,
    name       text    not null,
    created_at integer not null
);

-- What a provider has registered: policy templates and permissions boundaries. They never
-- change.
create table iam_partner_policies (
    arn        text    not null primary key,
    kind       text    not null,
    domain     text    not null,
    document   text    not null,
    created_at integer not null
);

-- Delegation requests. parameters and approver are JSON; owner_account, owner_arn, owner_id
-- and approver are empty as long as there are none.
create table iam_delegation_requests (
    id                text    not null primary key,
    requestor_account text    not null,
    requestor_name    text    not null,
    workflow_id       text    not null,
    owner_account     text    not null,
    owner_arn         text    not null,
    owner_id          text    not null,
    approver          text    not null,
    description       text    not null,
    request_message   text    not null,
    template_arn      text    not null,
    parameters        text    not null,
    policy            text    not null,
    redirect_url      text    not null,
    channel           text    not null,
    duration          integer not null,
    only_owner        integer not null,
    state             text    not null,
    notes             text    not null,
    rejection_reason  text    not null,
    created_at        integer not null,
    updated_at        integer not null,
    expires_at        integer not null,
    released_at       integer
);

create unique index iam_delegation_requests_workflow on iam_delegation_requests (requestor_account, workflow_id);
create index iam_delegation_requests_owner on iam_delegation_requests (owner_account, id);
create index iam_delegation_requests_expiry on iam_delegation_requests (requestor_account, expires_at);

-- Role templates of services. settings and body are JSON.
create table iam_role_templates (
    arn      text not null primary key,
    settings text not null
);

create table iam_role_template_versions (
    template_arn text    not null,
    minor        integer not null,
    body         text    not null,
    primary key (template_arn, minor)
);

-- From which template a role was made.
create table iam_role_sources (
    role_id      text    not null primary key,
    template_arn text    not null,
    minor        integer not null
);
