-- Quotas that were raised for one organization; the others have their defaults, which are in
-- the program.
create table org_quotas (
    organization_id text    not null,
    quota           text    not null,
    value           integer not null,
    raised_at       integer not null,
    primary key (organization_id, quota)
);

-- Responsibility transfers and the invitations to them. The target manages the responsibility
-- for the source. settled_at is when the status began; of an invitation that waits, when it
-- expires. The names are what each side calls the transfer.
create table org_transfers (
    id                     text    not null primary key,
    type                   text    not null,
    status                 text    not null,
    handshake_id           text    not null,
    target_organization_id text    not null,
    target_account_id      text    not null,
    target_name            text    not null,
    source_organization_id text    not null,
    source_account_id      text    not null,
    source_name            text    not null,
    start_at               integer not null,
    end_at                 integer,
    settled_at             integer not null
);

create unique index org_transfers_handshake on org_transfers (handshake_id);
create index org_transfers_target on org_transfers (target_organization_id, id);
create index org_transfers_source on org_transfers (source_organization_id, id);

-- What background work looks for: accounts that were closed long ago, and handshakes that
-- nobody sees any more.
create index org_accounts_state on org_accounts (state, closed_at);
create index org_handshakes_ended on org_handshakes (ends_at);
