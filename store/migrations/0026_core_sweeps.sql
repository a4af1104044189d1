-- What background work looks for: one-time codes that wait still, requests for delegation that
-- nobody sees any more, and keys that have signed for long.
create index account_codes_waiting on account_codes (sent_at) where sealed is not null;
create index iam_delegation_requests_expired on iam_delegation_requests (expires_at);
create index iam_outbound_keys_created on iam_outbound_keys (created_at, account_id);
