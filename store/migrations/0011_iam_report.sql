-- The newest credential report of each account.
create table iam_credential_reports (
    account_id   text    not null primary key,
    generated_at integer not null,
    content      text    not null
);
