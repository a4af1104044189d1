-- Places below which effective policies of a type may have become valid or invalid: a root, an
-- OU, an account, or a policy for all that it is attached to. next is how far one has come.
create table org_rechecks (
    organization_id text    not null,
    type            text    not null,
    place           text    not null,
    requested_at    integer not null,
    next            text    not null,
    primary key (organization_id, type, place)
);

create index org_rechecks_requested on org_rechecks (requested_at, organization_id, type, place);

-- The accounts whose effective policy was invalid when it was last looked at; problems says
-- what was wrong, in short.
create table org_invalid_policies (
    organization_id text not null,
    account_id      text not null,
    type            text not null,
    problems        text not null,
    primary key (organization_id, account_id, type)
);
