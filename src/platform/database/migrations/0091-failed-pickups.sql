-- Failed pickups (PO-6): what is done about a copy that nobody opened, after its sender was told. Expand only.
set local search_path = sealpost;

-- A further link to an entry of the portal. Links are kept as hashes, so that one that was sent cannot be sent again; a new one
-- must not end the one in the first notice.
create table portal_link (
  id uuid primary key,
  organisation uuid not null,
  item uuid not null,
  link_hash bytea not null unique,
  created_at timestamptz not null
);
create index portal_link_item on portal_link (organisation, item);
call tenant_table('portal_link', 'select', 'select, insert');

create or replace function find_portal_link(hash bytea) returns table (organisation uuid, item uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select i.organisation, i.id from portal_item i where i.link_hash = hash
  union all
  select l.organisation, l.item from portal_link l where l.link_hash = hash
$$;

-- One row an unread copy: how its recipient was written to again. A letter is a task for staff until somebody has done it.
create table pickup_fallback (
  id uuid primary key,
  organisation uuid not null,
  item uuid not null unique,
  message uuid not null,
  delivery uuid not null,
  kind text not null check (kind in ('address', 'text', 'letter')),
  -- Why a letter is to be written where the record says something else.
  reason text,
  -- The recipient, for whoever writes the letter.
  address bytea not null,
  -- Where the further notice went, as a keyed hash: codes for this copy may go there as well.
  fallback_index bytea,
  created_at timestamptz not null,
  done_by jsonb,
  done_at timestamptz,
  check ((done_by is null) = (done_at is null))
);
create index pickup_fallback_delivery on pickup_fallback (organisation, delivery);
create index pickup_fallback_letters on pickup_fallback (organisation, id) where kind = 'letter' and done_at is null;
call tenant_table('pickup_fallback', 'select', 'select, insert');
grant update (done_by, done_at) on pickup_fallback to sealpost_app;
