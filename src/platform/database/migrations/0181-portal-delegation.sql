-- Sign-in of recipients by their organisation's own patient portal (PO-7, ID-4). Expand only: processes of the release before know
-- none of these tables, and a session with proofs that they do not know opens nothing there.
set local search_path = sealpost;

-- One an organisation. `settings` (provider, secret, our key) are sealed; `rules` say who somebody is by its claims.
create table portal_delegation (
  id uuid primary key,
  organisation uuid not null,
  name text not null,
  mode text not null check (mode in ('off', 'beside', 'only')),
  settings bytea not null,
  rules jsonb not null,
  changed_by jsonb not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  removed_at timestamptz
);
create unique index portal_delegation_organisation on portal_delegation (organisation) where removed_at is null;
call tenant_table('portal_delegation', 'select, insert, update', 'select');

-- Whose account at that portal is whose address here, where its claim names no address. Both as keyed hashes alone.
create table portal_account (
  organisation uuid not null,
  account_index bytea not null,
  address_index bytea not null,
  set_at timestamptz not null,
  primary key (organisation, account_index)
);
call tenant_table('portal_account', 'select, insert, update, delete', 'select');

-- By which delegation a session came, and whose and which session it was there (keyed hashes), so that the provider can end it.
-- Whoever came that way is bound to that one organisation: proof and origin never stand without each other.
alter table portal_session add column delegation uuid;
alter table portal_session add column delegation_subject bytea;
alter table portal_session add column delegation_sid bytea;
alter table portal_session add constraint portal_session_delegation check (
  (delegation is not null)
    = coalesce(factors && array['organisation-portal', 'organisation-portal-strong'], false)
  and (delegation is null) = (delegation_subject is null)
);
create index portal_session_delegation on portal_session (delegation, delegation_subject) where delegation is not null;

-- Over all organisations, before anybody is known; ids only.
create function find_portal_delegation(wanted uuid) returns table (organisation uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select d.organisation from portal_delegation d where d.id = wanted and d.removed_at is null
$$;
-- The one to offer to whoever comes without a link: only where a single organisation is all there is.
create function only_portal_delegation() returns table (organisation uuid, delegation uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select d.organisation, d.id from portal_delegation d
  where d.removed_at is null and d.mode <> 'off' and (select count(*) from organisation o where o.closed_at is null) = 1
$$;
revoke all on function find_portal_delegation(uuid), only_portal_delegation() from public;
grant execute on function find_portal_delegation(uuid), only_portal_delegation() to sealpost_app;
