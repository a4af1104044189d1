-- When each user and role last tried each action. The event log forgets; this does not.
create table iam_uses (
    account_id   text    not null,
    principal_id text    not null,
    service      text    not null,
    action       text    not null,
    at           integer not null,
    region       text    not null,
    primary key (account_id, principal_id, service, action)
);

-- When anybody in an account, the root user too, last tried to use a service.
create table iam_service_uses (
    account_id text    not null,
    service    text    not null,
    at         integer not null,
    region     text    not null,
    primary key (account_id, service)
);

-- Reports of access, as they were when they were made.
create table iam_access_reports (
    id         text    not null primary key,
    account_id text    not null,
    owner      text    not null,
    subject    text    not null,
    created_at integer not null,
    content    text    not null
);

create index iam_access_reports_subject on iam_access_reports (account_id, owner, subject, created_at);
create index iam_access_reports_created on iam_access_reports (created_at);
