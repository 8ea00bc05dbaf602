set local search_path = sealpost;

-- Identities of an organisation that are no persons: an interface engine, an EHR. A person answers for each.
create table service_account (
  id uuid primary key,
  organisation uuid not null,
  name text not null,
  owner uuid not null,
  permissions text[] not null,
  created_by uuid,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  ended_at timestamptz
);
create unique index service_account_name on service_account (organisation, lower(name)) where ended_at is null;
call tenant_table('service_account', 'select, insert, update', 'select');

-- A key is its maker's, or a service account's. Kind jwt is an OAuth client: it has no secret of ours, only a registered key
-- of its own. `limits` (sealed: mailboxes and names of machines) narrows it to single things and to a client certificate.
alter table api_key
  add column kind text not null default 'secret' check (kind in ('secret', 'jwt')),
  add column service_account uuid,
  add column limits bytea,
  add column expiry_told_at timestamptz;
create index api_key_of_account on api_key (organisation, service_account) where service_account is not null;

-- Where an OAuth client's public keys are: the set itself, or its address (which says how a network is built, so sealed).
create table oauth_client (
  api_key uuid primary key,
  organisation uuid not null,
  key_source bytea not null,
  token_seconds integer not null,
  bind_certificate boolean not null
);
call tenant_table('oauth_client', 'select, insert, update', '');

-- Assertions that were taken: each is good once. Swept when they could not be taken any more anyway.
create table oauth_assertion (
  client uuid not null,
  organisation uuid not null,
  jti_hash bytea not null,
  expires_at timestamptz not null,
  primary key (client, jti_hash)
);
call tenant_table('oauth_assertion', 'select, insert, delete', '');

create table oauth_token (
  id uuid primary key,
  organisation uuid not null,
  client uuid not null,
  token_hash bytea not null unique,
  permissions text[] not null,
  certificate bytea,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz
);
create index oauth_token_client on oauth_token (organisation, client);
call tenant_table('oauth_token', 'select, insert, update, delete', '');

-- Which organisation a token belongs to; ids only.
create function find_oauth_token(wanted bytea) returns table (organisation uuid, oauth_token uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select t.organisation, t.id from oauth_token t where t.token_hash = wanted
$$;
revoke all on function find_oauth_token(bytea) from public;
grant execute on function find_oauth_token(bytea) to sealpost_app;
