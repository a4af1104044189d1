-- Accounts of AWS GovCloud (US), by the account of the commercial partition that each is
-- linked to.
create table org_govcloud_accounts (
    account_id          text not null primary key,
    govcloud_account_id text not null
);

create unique index org_govcloud_accounts_govcloud on org_govcloud_accounts (govcloud_account_id);
