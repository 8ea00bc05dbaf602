-- Ground of the schema. Runs as sealpost_owner; sealpost_app and sealpost_worker exist already.
-- Every column is classified in docs/reference/data.md (clear, sealed, indexed) and the check compares.

create schema sealpost;
grant usage on schema sealpost to sealpost_app, sealpost_worker;
set local search_path = sealpost;

-- The organisations that the current transaction may touch: a list, set by the tenant transaction.
create function tenants() returns uuid[] language sql stable parallel safe
  return coalesce(nullif(current_setting('sealpost.organisations', true), ''), '{}')::uuid[];

-- The smallest UUIDv7 of a moment, for partition bounds and range scans by time.
create function id_floor(moment timestamptz) returns uuid language sql immutable parallel safe
  return (lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid;

-- Puts a tenant table under row-level security for both working roles.
create procedure tenant_table(name regclass, app_rights text, worker_rights text) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', name);
  execute format('create policy tenant on %s using (organisation = any (sealpost.tenants())) '
              || 'with check (organisation = any (sealpost.tenants()))', name);
  if app_rights <> '' then execute format('grant %s on %s to sealpost_app', app_rights, name); end if;
  if worker_rights <> '' then execute format('grant %s on %s to sealpost_worker', worker_rights, name); end if;
end $$;

-- Parents that are range-partitioned by their UUIDv7 id; partitions are made by ensure_partitions.
create table partitioned_table (name text primary key);

-- Makes monthly partitions from the month of `since` until that of `until`. Idempotent.
create function ensure_partitions(since timestamptz, until timestamptz) returns integer
language plpgsql security definer set search_path = sealpost, pg_temp as $$
declare
  parent text; first timestamptz; part text; made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtext('sealpost.ensure_partitions'));
  for parent in select name from partitioned_table order by name loop
    first := date_trunc('month', since at time zone 'utc') at time zone 'utc';
    while first <= until loop
      part := parent || '_' || to_char(first at time zone 'utc', 'YYYYMM');
      if to_regclass('sealpost.' || quote_ident(part)) is null then
        execute format('create table sealpost.%I partition of sealpost.%I for values from (%L) to (%L)', part, parent,
          id_floor(first), id_floor((first at time zone 'utc' + interval '1 month') at time zone 'utc'));
        execute format('alter table sealpost.%I enable row level security', part);
        made := made + 1;
      end if;
      first := (first at time zone 'utc' + interval '1 month') at time zone 'utc';
    end loop;
  end loop;
  return made;
end $$;
revoke all on function ensure_partitions(timestamptz, timestamptz) from public;
grant execute on function ensure_partitions(timestamptz, timestamptz) to sealpost_worker;

-- The installation: one row.
create table installation (
  only_one boolean primary key default true check (only_one),
  id uuid not null,
  mode text not null default 'sandbox' check (mode in ('sandbox', 'live')),
  console_url text,
  portal_url text,
  setup_token_hash bytea,
  setup_token_expires_at timestamptz,
  set_up_at timestamptz,
  created_at timestamptz not null default now()
);
grant select, insert, update on installation to sealpost_app;
grant select on installation to sealpost_worker;

create table organisation (
  id uuid primary key,
  parent uuid references organisation (id),
  name text not null,
  slug text not null unique,
  time_zone text not null default 'UTC',
  locale text not null default 'en',
  -- Limits and switches, no PHI: messages per hour, recipients per message and their like.
  settings jsonb not null default '{}',
  created_at timestamptz not null default now(),
  closed_at timestamptz
);
alter table organisation enable row level security;
create policy tenant on organisation using (id = any (sealpost.tenants())) with check (id = any (sealpost.tenants()));
grant select, insert, update on organisation to sealpost_app;
grant select on organisation to sealpost_worker;

-- Sending domains of an organisation; a name belongs to one organisation only.
create table domain (
  id uuid primary key,
  organisation uuid not null references organisation (id),
  name text not null unique,
  created_at timestamptz not null default now()
);
call tenant_table('domain', 'select, insert, update, delete', 'select');

-- Keys of ours: DKIM (per domain), proof signing (per organisation), audit checkpoint signing.
create table signing_key (
  id uuid primary key,
  organisation uuid not null,
  use text not null check (use in ('dkim', 'proof', 'audit')),
  algorithm text not null,
  domain text,
  selector text,
  public_key bytea not null,
  private_key bytea not null,
  created_at timestamptz not null default now(),
  retired_at timestamptz
);
create unique index signing_key_selector on signing_key (organisation, use, domain, selector) where retired_at is null;
call tenant_table('signing_key', 'select, insert, update', 'select');

-- The index key versions of blind indexes and whatever else the vault must keep beside the data (never keys).
create table vault_state (
  organisation uuid not null,
  name text not null,
  value jsonb not null,
  changed_at timestamptz not null default now(),
  primary key (organisation, name)
);
call tenant_table('vault_state', 'select, insert, update', 'select, insert, update');

-- ---------------------------------------------------------------- people and access

-- Installation-wide: a person may belong to several organisations.
create table identity (
  id uuid primary key,
  address_index bytea not null unique,
  address bytea not null,
  display_name bytea not null,
  locale text not null default 'en',
  passphrase_hash text,
  passphrase_changed_at timestamptz,
  disabled_at timestamptz,
  created_at timestamptz not null default now()
);
grant select, insert, update on identity to sealpost_app;

-- Second factors: TOTP secrets and recovery codes sealed or hashed, passkeys by public key.
create table factor (
  id uuid primary key,
  identity uuid not null references identity (id),
  kind text not null check (kind in ('totp', 'passkey', 'recovery-code')),
  label text not null default '',
  secret bytea,
  credential_id bytea unique,
  public_key bytea,
  counter bigint not null default 0,
  transports text[] not null default '{}',
  last_step bigint,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  removed_at timestamptz
);
create index factor_identity on factor (identity);
grant select, insert, update on factor to sealpost_app;

create table membership (
  organisation uuid not null references organisation (id),
  identity uuid not null references identity (id),
  roles text[] not null,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  primary key (organisation, identity)
);
call tenant_table('membership', 'select, insert, update', '');

create table session (
  id uuid primary key,
  token_hash bytea not null unique,
  identity uuid not null references identity (id),
  organisation uuid,
  factors text[] not null,
  address text,
  agent_hash bytea,
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz
);
create index session_identity on session (identity) where ended_at is null;
grant select, insert, update on session to sealpost_app;

-- Pending ceremonies (sign-in between factors, WebAuthn challenges, TOTP enrolment), minutes old at most.
create table ceremony (
  id uuid primary key,
  token_hash bytea not null unique,
  kind text not null,
  identity uuid,
  state bytea not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
grant select, insert, update, delete on ceremony to sealpost_app;

create table api_key (
  id uuid primary key,
  organisation uuid not null references organisation (id),
  label text not null,
  prefix text not null unique,
  secret_mac bytea not null,
  permissions text[] not null,
  networks text[] not null default '{}',
  created_by uuid,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
call tenant_table('api_key', 'select, insert, update', '');

-- Failed tries by keyed hash of what is guarded (account, address, network): no clear subject.
create table throttle (
  key bytea primary key,
  failures integer not null,
  window_ends_at timestamptz not null,
  blocked_until timestamptz
);
grant select, insert, update, delete on throttle to sealpost_app, sealpost_worker;

-- Stored answers for repeated requests (24 h); key and body only as keyed hashes, the answer sealed.
create table idempotency (
  organisation uuid not null,
  route text not null,
  key_hash bytea not null,
  body_hash bytea not null,
  status integer,
  answer bytea,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  primary key (organisation, route, key_hash)
);
create index idempotency_expiry on idempotency (expires_at);
call tenant_table('idempotency', 'select, insert, update, delete', 'select, delete');

-- Use per organisation and hour, for limits.
create table usage_window (
  organisation uuid not null,
  name text not null,
  window_start timestamptz not null,
  used bigint not null default 0,
  primary key (organisation, name, window_start)
);
call tenant_table('usage_window', 'select, insert, update, delete', 'select, delete');

-- ---------------------------------------------------------------- policy

create table policy (
  organisation uuid not null references organisation (id),
  version integer not null,
  document bytea not null,
  created_by jsonb not null,
  created_at timestamptz not null default now(),
  primary key (organisation, version)
);
call tenant_table('policy', 'select, insert', 'select');

-- ---------------------------------------------------------------- the message record

create table message (
  id uuid primary key,
  organisation uuid not null,
  source text not null check (source in ('smtp', 'api', 'portal')),
  stream text not null check (stream in ('transactional', 'business', 'marketing')),
  class text not null check (class in ('ordinary', 'light', 'high')),
  priority smallint not null check (priority between 0 and 99),
  due_at timestamptz not null,
  give_up_at timestamptz not null,
  portal_expires_at timestamptz not null,
  policy_version integer not null,
  object_key bytea not null,
  sender bytea not null,
  sender_index bytea not null,
  subject bytea not null,
  message_id bytea not null,
  content_hash bytea not null,
  size integer not null,
  blob uuid,
  in_reply_to uuid,
  recipients integer not null,
  actor jsonb not null,
  state text not null default 'accepted' check (state in ('accepted', 'cancelled', 'retracted')),
  accepted_at timestamptz not null default now()
) partition by range (id);
create index message_organisation on message (organisation, id);
create index message_sender on message (organisation, sender_index, id);
create index message_reply on message (organisation, in_reply_to) where in_reply_to is not null;
call tenant_table('message', 'select, insert, update', 'select, update');
insert into partitioned_table values ('message');

-- Sealed content up to 64 KiB; larger content is a blob.
create table message_content (
  id uuid primary key,
  organisation uuid not null,
  sealed bytea not null
) partition by range (id);
call tenant_table('message_content', 'select, insert, delete', 'select, delete');
insert into partitioned_table values ('message_content');

create table delivery (
  id uuid primary key,
  organisation uuid not null,
  message uuid not null,
  recipient bytea not null,
  recipient_index bytea not null,
  domain text not null,
  state text not null,
  method text,
  attempts integer not null default 0,
  failures jsonb not null default '[]',
  -- The last decision: order, TLS requirement, policy version, reasons (codes and parameters, no PHI).
  decision jsonb,
  last_code text,
  last_status text,
  next_at timestamptz,
  finished_at timestamptz,
  changed_at timestamptz not null default now()
) partition by range (id);
create index delivery_message on delivery (message);
create index delivery_recipient on delivery (organisation, recipient_index, id);
create index delivery_state on delivery (organisation, state, id);
call tenant_table('delivery', 'select, insert, update', 'select, insert, update');
insert into partitioned_table values ('delivery');

create table attempt (
  id uuid primary key,
  organisation uuid not null,
  delivery uuid not null,
  method text not null,
  number integer not null,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  result text not null,
  code text,
  host text,
  address text,
  tls_version text,
  cipher text,
  certificate_fingerprint text,
  certificate jsonb,
  authenticated_by text not null,
  reply_code integer,
  reply_enhanced text,
  reply_text bytea
) partition by range (id);
create index attempt_delivery on attempt (delivery);
call tenant_table('attempt', 'select', 'select, insert');
insert into partitioned_table values ('attempt');

-- Keyed hashes of words (subject, addresses) for search over sealed text.
create table message_term (
  id uuid primary key,
  organisation uuid not null,
  terms bigint[] not null
) partition by range (id);
create index message_term_terms on message_term using gin (terms) with (fastupdate = on);
call tenant_table('message_term', 'insert', 'insert');
insert into partitioned_table values ('message_term');

-- Content-free mail on its way: notices, codes, DSNs. Everything in it is sealed.
create table notice (
  id uuid primary key,
  organisation uuid not null,
  kind text not null,
  message uuid,
  object_key bytea not null,
  recipient bytea not null,
  domain text not null,
  body bytea not null,
  locale text not null default 'en',
  state text not null default 'queued' check (state in ('queued', 'delivered', 'bounced', 'expired', 'cancelled')),
  attempts integer not null default 0,
  give_up_at timestamptz not null,
  last_code text,
  created_at timestamptz not null default now(),
  finished_at timestamptz
) partition by range (id);
create index notice_message on notice (organisation, message);
call tenant_table('notice', 'select, insert, update', 'select, insert, update');
insert into partitioned_table values ('notice');

-- Due work. Unpartitioned, small, short transactions only. A claim hides an item by moving due_at past its lease
-- and raises the fence; an outcome is accepted only with the current fence.
create table queue (
  item uuid primary key,
  kind text not null check (kind in ('delivery', 'notice')),
  organisation uuid not null,
  message uuid,
  domain text not null,
  priority smallint not null,
  due_at timestamptz not null,
  fence bigint not null default 0,
  leased boolean not null default false
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
create index queue_due on queue (organisation, priority, due_at);
create index queue_message on queue (message);
call tenant_table('queue', 'select, insert, update, delete', 'select, insert, update, delete');

create type claimed_item as (item uuid, kind text, organisation uuid, message uuid, domain text, fence bigint, late boolean);

-- Claims due items over all organisations: a rotating start, at most `per_organisation` each, at most `per_domain`
-- of one destination, none of `busy` destinations. Returns ids, the destination and the fencing token only.
create function claim_due(wanted integer, per_organisation integer, per_domain integer, busy text[], start uuid, lease interval)
returns setof claimed_item
language plpgsql security definer set search_path = sealpost, pg_temp as $$
declare
  tenant uuid := start; looped boolean := false; got integer; total integer := 0; moment timestamptz := clock_timestamp();
begin
  loop
    select q.organisation into tenant from queue q where q.organisation > tenant order by q.organisation limit 1;
    if not found then
      exit when looped;
      looped := true;
      tenant := '00000000-0000-0000-0000-000000000000';
      -- The nil organisation never owns queue items, so starting again just below the first one is safe.
      continue;
    end if;
    exit when looped and tenant > start;
    return query
      with due as (
        select q.item, q.domain, q.priority, q.due_at from queue q
        where q.organisation = tenant and q.due_at <= moment and not (q.domain = any (busy))
        order by q.priority, q.due_at limit least(per_organisation, wanted - total) * 4
      ), ranked as (
        select d.item, row_number() over (partition by d.domain order by d.priority, d.due_at) as place,
               d.priority, d.due_at from due d
      ), picked as (
        select q.item, q.leased as late from queue q join ranked r on r.item = q.item
        where r.place <= per_domain and q.due_at <= moment
        order by r.priority, r.due_at
        limit least(per_organisation, wanted - total)
        for update of q skip locked
      )
      update queue q set due_at = moment + lease, fence = q.fence + 1, leased = true
      from picked p where q.item = p.item
      returning q.item, q.kind, q.organisation, q.message, q.domain, q.fence, p.late;
    get diagnostics got = row_count;
    total := total + got;
    exit when total >= wanted;
  end loop;
end $$;
revoke all on function claim_due(integer, integer, integer, text[], uuid, interval) from public;
grant execute on function claim_due(integer, integer, integer, text[], uuid, interval) to sealpost_worker;

-- When the next item falls due, over all organisations (for the worker's sleep).
create function next_due() returns timestamptz language sql stable security definer set search_path = sealpost, pg_temp
  return (select min(due_at) from queue);
revoke all on function next_due() from public;
grant execute on function next_due() to sealpost_worker;

-- Depth of the queue for metrics: numbers only.
create function queue_depth() returns table (kind text, due bigint, waiting bigint)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select kind, count(*) filter (where due_at <= now()), count(*) filter (where due_at > now()) from queue group by kind
$$;
revoke all on function queue_depth() from public;
grant execute on function queue_depth() to sealpost_app, sealpost_worker;

-- Search by keyed word hashes. Row security would keep the GIN index from being used (@> is not leakproof), so the
-- function carries its own organisation predicate, which must be among the transaction's organisations.
create function search_messages(tenant uuid, wanted bigint[], before uuid, most integer) returns setof uuid
language plpgsql stable security definer set search_path = sealpost, pg_temp as $$
begin
  if not (tenant = any (sealpost.tenants())) then return; end if;
  return query select t.id from message_term t
    where t.organisation = tenant and t.terms @> wanted and t.id < before order by t.id desc limit most;
end $$;
revoke all on function search_messages(uuid, bigint[], uuid, integer) from public;
grant execute on function search_messages(uuid, bigint[], uuid, integer) to sealpost_app;

-- ---------------------------------------------------------------- events

create table event (
  id uuid primary key,
  organisation uuid not null,
  type text not null,
  version smallint not null,
  subjects jsonb not null,
  actor jsonb not null,
  cause text,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null default now(),
  payload bytea
) partition by range (id);
call tenant_table('event', 'select, insert', 'select, insert');
insert into partitioned_table values ('event');

-- New events wait here until the sequencer has given them their place.
create table event_unordered (id uuid primary key, organisation uuid not null);
create index event_unordered_organisation on event_unordered (organisation);
call tenant_table('event_unordered', 'insert', 'insert');

create table event_order (
  organisation uuid not null,
  sequence bigint not null,
  event uuid not null,
  primary key (organisation, sequence)
);
create index event_order_event on event_order (event);
call tenant_table('event_order', 'select', 'select');

-- Gives every committed, unplaced event the next number of its organisation, in one transaction. Returns how many.
create function sequence_events(most integer) returns integer
language plpgsql security definer set search_path = sealpost, pg_temp as $$
declare placed integer;
begin
  if not pg_try_advisory_xact_lock(hashtext('sealpost.sequence_events')) then return 0; end if;
  with taken as (
    delete from event_unordered u where u.id in (select id from event_unordered order by id limit most)
    returning u.id, u.organisation
  ), heads as (
    select t.organisation, coalesce((select max(o.sequence) from event_order o where o.organisation = t.organisation), 0) as head
    from (select distinct organisation from taken) t
  )
  insert into event_order (organisation, sequence, event)
    select t.organisation, h.head + row_number() over (partition by t.organisation order by t.id), t.id
    from taken t join heads h using (organisation);
  get diagnostics placed = row_count;
  return placed;
end $$;
revoke all on function sequence_events(integer) from public;
grant execute on function sequence_events(integer) to sealpost_worker;

-- ---------------------------------------------------------------- blobs

-- What stands in the blob store. A row is made after the flush and in the transaction that refers to it; files
-- without a row are swept when old.
create table blob (
  id uuid primary key,
  organisation uuid not null,
  size bigint not null,
  created_at timestamptz not null default now()
);
call tenant_table('blob', 'select, insert, delete', 'select, insert, delete');

create function blob_exists(wanted uuid) returns boolean language sql stable security definer set search_path = sealpost, pg_temp
  return exists (select from blob where id = wanted);
revoke all on function blob_exists(uuid) from public;
grant execute on function blob_exists(uuid) to sealpost_worker;

-- ---------------------------------------------------------------- the portal

-- A recipient as one organisation knows them.
create table portal_person (
  id uuid primary key,
  organisation uuid not null,
  address_index bytea not null,
  object_key bytea not null,
  address bytea not null,
  domain text not null,
  locale text not null default 'en',
  created_at timestamptz not null default now(),
  blocked_until timestamptz,
  unique (organisation, address_index)
);
call tenant_table('portal_person', 'select, insert, update', 'select, insert, update');

-- The portal's own sealed copy of a message, under a key of its own that expiry destroys.
create table portal_copy (
  id uuid primary key,
  organisation uuid not null,
  message uuid not null unique,
  object_key bytea not null,
  content bytea,
  blob uuid,
  size integer not null,
  expires_at timestamptz not null,
  destroyed_at timestamptz,
  created_at timestamptz not null default now()
);
call tenant_table('portal_copy', 'select, insert, update', 'select, insert, update');

-- One recipient's entry to a copy.
create table portal_item (
  id uuid primary key,
  organisation uuid not null,
  person uuid not null references portal_person (id),
  message uuid not null,
  delivery uuid not null unique,
  link_hash bytea not null unique,
  state text not null default 'waiting' check (state in ('waiting', 'read', 'expired', 'retracted')),
  expires_at timestamptz not null,
  first_read_at timestamptz,
  created_at timestamptz not null default now()
);
create index portal_item_person on portal_item (organisation, person, id);
create index portal_item_expiry on portal_item (expires_at) where state in ('waiting', 'read');
call tenant_table('portal_item', 'select, insert, update', 'select, insert, update');

-- From a link's token hash to the organisation and item; ids only.
create function find_portal_link(hash bytea) returns table (organisation uuid, item uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select i.organisation, i.id from portal_item i where i.link_hash = hash
$$;
revoke all on function find_portal_link(bytea) from public;
grant execute on function find_portal_link(bytea) to sealpost_app;

-- Copies whose time is over, for the sweeper: ids only.
create function expired_portal_items(most integer) returns table (organisation uuid, item uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select i.organisation, i.id from portal_item i
  where i.state in ('waiting', 'read') and i.expires_at <= now() order by i.expires_at limit most
$$;
revoke all on function expired_portal_items(integer) from public;
grant execute on function expired_portal_items(integer) to sealpost_worker;

create table portal_code (
  id uuid primary key,
  organisation uuid not null,
  person uuid not null,
  code_mac bytea not null,
  tries integer not null default 0,
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null default now()
);
create index portal_code_person on portal_code (organisation, person, id);
call tenant_table('portal_code', 'select, insert, update, delete', 'select, delete');

-- Remembered devices: the cookie only as a hash, with what was true when it was given.
create table portal_device (
  id uuid primary key,
  organisation uuid not null,
  person uuid not null,
  token_hash bytea not null unique,
  circumstances bytea not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz
);
call tenant_table('portal_device', 'select, insert, update', 'select, delete');

create table portal_session (
  id uuid primary key,
  organisation uuid not null,
  person uuid not null,
  token_hash bytea not null unique,
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz
);
call tenant_table('portal_session', 'select, insert, update', 'select, delete');

create function find_portal_session(hash bytea) returns table (organisation uuid, session uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select s.organisation, s.id from portal_session s where s.token_hash = hash
$$;
create function find_portal_device(hash bytea) returns table (organisation uuid, device uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select d.organisation, d.id from portal_device d where d.token_hash = hash
$$;
revoke all on function find_portal_session(bytea), find_portal_device(bytea) from public;
grant execute on function find_portal_session(bytea), find_portal_device(bytea) to sealpost_app;

-- Who opened, downloaded, replied (PO-3).
create table portal_access (
  id uuid primary key,
  organisation uuid not null,
  item uuid not null,
  person uuid not null,
  act text not null check (act in ('opened', 'downloaded', 'replied', 'printed')),
  address text,
  at timestamptz not null default now()
);
create index portal_access_item on portal_access (organisation, item, id);
call tenant_table('portal_access', 'select, insert', 'select');

-- ---------------------------------------------------------------- sign-in look-ups (ids only)

create function find_api_key(wanted text) returns table (organisation uuid, api_key uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select k.organisation, k.id from api_key k where k.prefix = wanted
$$;
create function memberships_of(person uuid) returns table (organisation uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select m.organisation from membership m where m.identity = person and m.ended_at is null order by m.created_at
$$;
create function find_domain(wanted text) returns table (organisation uuid, domain uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select d.organisation, d.id from domain d where d.name = wanted
$$;
create function organisation_ids() returns setof uuid
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select id from organisation order by id
$$;
revoke all on function find_api_key(text), memberships_of(uuid), find_domain(text), organisation_ids() from public;
grant execute on function find_api_key(text), memberships_of(uuid), find_domain(text) to sealpost_app;
grant execute on function organisation_ids() to sealpost_app, sealpost_worker;

-- ---------------------------------------------------------------- audit

-- Entries as written by the acting transaction: canonical bytes, never changed.
create table audit_entry (
  id uuid primary key,
  organisation uuid not null,
  leaf bytea not null,
  sealed_reference bytea,
  recorded_at timestamptz not null default now()
) partition by range (id);
call tenant_table('audit_entry', 'select, insert', 'select, insert');
insert into partitioned_table values ('audit_entry');

create table audit_unordered (id uuid primary key, organisation uuid not null);
create index audit_unordered_organisation on audit_unordered (organisation);
call tenant_table('audit_unordered', 'insert', 'select, insert, delete');

-- The place of each entry in its organisation's Merkle log.
create table audit_order (
  organisation uuid not null,
  position bigint not null,
  entry uuid not null,
  leaf_hash bytea not null,
  primary key (organisation, position)
);
create index audit_order_entry on audit_order (entry);
call tenant_table('audit_order', 'select', 'select, insert');

-- Full tiles of hashes (tlog-tiles layout: level, index; 256 hashes of 32 octets) and signed-note checkpoints.
create table audit_tile (
  organisation uuid not null,
  level smallint not null,
  index bigint not null,
  hashes bytea not null,
  primary key (organisation, level, index)
);
call tenant_table('audit_tile', 'select', 'select, insert');

create table audit_checkpoint (
  organisation uuid not null,
  size bigint not null,
  root bytea not null,
  note text not null,
  witnessed_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (organisation, size)
);
call tenant_table('audit_checkpoint', 'select', 'select, insert, update');

create function audit_waiting() returns setof uuid
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select distinct organisation from audit_unordered
$$;
revoke all on function audit_waiting() from public;
grant execute on function audit_waiting() to sealpost_worker;

-- ---------------------------------------------------------------- proofs of protection

create table proof (
  id uuid primary key,
  organisation uuid not null,
  delivery uuid not null,
  -- Canonical JSON of the proof record; holds no PHI (the recipient stands in it as a salted hash).
  record text not null,
  salt bytea not null,
  key uuid not null,
  signature bytea not null
) partition by range (id);
create index proof_delivery on proof (delivery);
call tenant_table('proof', 'select', 'select, insert');
insert into partitioned_table values ('proof');

select ensure_partitions(now() - interval '1 month', now() + interval '13 months');
