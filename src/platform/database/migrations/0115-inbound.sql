set local search_path = sealpost;

-- Where the mail of an organisation's domain is handed to after it came in and was opened: the organisation's own mail
-- server. A domain without such a row is not accepted by the inbound listener.
create table inbound_host (
  organisation uuid not null references organisation (id),
  domain text not null references domain (name) on delete cascade,
  host text not null check (host = lower(host) and length(host) between 1 and 253),
  port integer not null check (port between 1 and 65535),
  changed_by jsonb not null,
  changed_at timestamptz not null,
  primary key (organisation, domain)
);
create index inbound_host_domain on inbound_host (domain);
call tenant_table('inbound_host', 'select, insert, update, delete', 'select');

-- Whose mail a domain's is, where it is taken at all: over all organisations, ids only. The domain must be the
-- organisation's own now, not only at the time at which the host was named.
create function find_inbound(wanted text) returns table (organisation uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select h.organisation from inbound_host h join domain d on d.name = h.domain and d.organisation = h.organisation
  where h.domain = wanted
$$;
revoke all on function find_inbound(text) from public;
grant execute on function find_inbound(text) to sealpost_app;

-- Messages that came from outside. Rows of before satisfy the narrower rule, so they are not looked at again.
alter table message drop constraint message_source_check;
alter table message add constraint message_source_check check (source in ('smtp', 'api', 'portal', 'inbound')) not valid;

-- What was found out about the sender when it came in: codes only. Null for all other messages.
alter table message add column inbound jsonb;

-- A list of what came in walks only over that.
create index message_inbound on message (organisation, id) where source = 'inbound';
