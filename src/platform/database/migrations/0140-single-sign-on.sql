set local search_path = sealpost;

-- Single sign-on (ID-4): an organisation's own identity providers. Protocol settings and secrets are sealed together;
-- `ceiling` is what whoever last changed them held: nobody who may do more than that comes in by this connection.
create table sso_connection (
  id uuid primary key,
  organisation uuid not null,
  kind text not null check (kind in ('oidc', 'saml')),
  name text not null,
  live boolean not null default false,
  settings bytea not null,
  rules jsonb not null,
  ceiling text[] not null,
  created_by jsonb not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  removed_at timestamptz
);
create index sso_connection_organisation on sso_connection (organisation) where removed_at is null;
call tenant_table('sso_connection', 'select, insert, update', 'select');

-- The domains whose people come by a connection; `enforced`: by no other way, but for those named in `exempt`.
create table sso_domain (
  organisation uuid not null,
  domain text not null,
  connection uuid not null,
  enforced boolean not null,
  exempt uuid[] not null default '{}',
  primary key (organisation, domain)
);
create index sso_domain_name on sso_domain (domain);
call tenant_table('sso_domain', 'select, insert, update, delete', 'select');

-- Which person a provider's subject is. Found by a keyed index of the subject; suspended_at: ended by the connection's own
-- rule (a group that was left), which alone the connection may undo.
create table sso_link (
  organisation uuid not null,
  connection uuid not null,
  subject_index bytea not null,
  identity uuid not null,
  linked_at timestamptz not null,
  last_used_at timestamptz not null,
  suspended_at timestamptz,
  primary key (connection, subject_index)
);
create index sso_link_identity on sso_link (organisation, identity);
call tenant_table('sso_link', 'select, insert, update, delete', 'select');

-- Sessions that came by a connection, so that the provider can end them. `hint`: the ID token, sealed, for signing out there.
create table sso_session (
  organisation uuid not null,
  session uuid primary key,
  connection uuid not null,
  identity uuid not null,
  subject_index bytea not null,
  sid_index bytea,
  hint bytea,
  started_at timestamptz not null
);
create index sso_session_subject on sso_session (connection, subject_index);
create index sso_session_started on sso_session (started_at);
call tenant_table('sso_session', 'select, insert, delete', 'select, delete');

-- A sign-in under way at a provider: minutes old at most. Bound to the browser by the hash of a cookie; used once.
create table sso_attempt (
  id uuid primary key,
  organisation uuid not null,
  connection uuid not null,
  purpose text not null,
  lookup_hash bytea not null,
  browser_hash bytea not null,
  state bytea not null,
  result bytea,
  expires_at timestamptz not null,
  used_at timestamptz
);
create unique index sso_attempt_lookup on sso_attempt (lookup_hash);
create index sso_attempt_expires on sso_attempt (expires_at);
call tenant_table('sso_attempt', 'select, insert, update', 'select, delete');

-- What came once from a provider and must not come twice (assertion ids, jti), as hashes, while it would still be good.
create table sso_seen (
  organisation uuid not null,
  connection uuid not null,
  what bytea not null,
  expires_at timestamptz not null,
  primary key (connection, what)
);
create index sso_seen_expires on sso_seen (expires_at);
call tenant_table('sso_seen', 'select, insert', 'select, delete');

-- Over all organisations, before anybody is known; ids only.
create function find_sso_connection(wanted uuid) returns table (organisation uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select c.organisation from sso_connection c where c.id = wanted and c.removed_at is null
$$;
-- The domain must be the organisation's own now, not only at the time at which it was covered.
create function find_sso_domain(wanted text) returns table (organisation uuid, connection uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select s.organisation, s.connection from sso_domain s
  join domain d on d.name = s.domain and d.organisation = s.organisation
  join sso_connection c on c.id = s.connection and c.live and c.removed_at is null
  where s.domain = wanted
$$;
create function find_sso_organisation(wanted text) returns table (organisation uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select o.id from organisation o where o.slug = wanted
$$;
revoke all on function find_sso_connection(uuid), find_sso_domain(text), find_sso_organisation(text) from public;
grant execute on function find_sso_connection(uuid), find_sso_domain(text), find_sso_organisation(text) to sealpost_app;
