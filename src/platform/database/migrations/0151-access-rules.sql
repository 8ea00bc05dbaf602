set local search_path = sealpost;

-- Conditional access (ID-5): the rules of an organisation as one versioned document, so that they change together.
create table access_rules (
  organisation uuid not null,
  version integer not null,
  rules jsonb not null,
  changed_at timestamptz not null,
  changed_by uuid,
  primary key (organisation, version)
);
call tenant_table('access_rules', 'select, insert', 'select');

-- Browsers by the key that they proved at a sign-in; what makes one known, and whether an administrator trusts it.
create table access_device (
  id uuid primary key,
  organisation uuid not null,
  identity uuid not null,
  key_hash bytea not null,
  name text,
  agent text,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  trusted_at timestamptz,
  trusted_by uuid,
  removed_at timestamptz
);
create unique index access_device_key on access_device (organisation, identity, key_hash) where removed_at is null;
call tenant_table('access_device', 'select, insert, update', 'select');

-- Sign-ins as they were judged: what risk is reckoned from, and what rules are tried on before they hold.
create table access_sign_in (
  id uuid primary key,
  organisation uuid not null,
  identity uuid not null,
  at timestamptz not null,
  network text not null,
  device uuid,
  decision text not null,
  facts jsonb not null,
  reasons jsonb not null
);
create index access_sign_in_person on access_sign_in (organisation, identity, at desc);
create index access_sign_in_time on access_sign_in (organisation, at desc);
call tenant_table('access_sign_in', 'select, insert, delete', 'select, delete');

alter table session
  add column device uuid,
  add column risk integer not null default 0;
