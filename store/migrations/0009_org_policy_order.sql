-- Management policies of one node count in the order in which they were attached, and an
-- effective policy has the time of its last change.
alter table org_attachments add column position integer not null default 0;
alter table org_attachments add column attached_at integer not null default 0;
alter table org_policies add column updated_at integer not null default 0;
