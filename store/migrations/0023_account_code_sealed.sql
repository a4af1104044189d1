-- One-time codes are sealed, and how often somebody has tried to give one back is counted. The
-- column code stays empty from now on; codes that waited in it are void: they live half an hour.
alter table account_codes add column sealed blob;
alter table account_codes add column attempts integer not null default 0;
