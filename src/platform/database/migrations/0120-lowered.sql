set local search_path = sealpost;

-- A trigger word lowered the message (SL-10): it may travel by verified TLS and never under a waiver. Messages of the release
-- before were lowered only where waivers could not open them, and processes of it go on writing without the column.
alter table message add column lowered boolean not null default false;
