set local search_path = sealpost;

-- People and groups that an outside directory keeps in step (ID-4). `source` is `scim:default` or `ldap:<connection>`, as in
-- access_group. A person without such a row was added by hand; a directory that finds them by their address takes them over.
create table provisioned_person (
  organisation uuid not null,
  identity uuid not null,
  source text not null,
  -- Keyed hash of what the directory calls the person: found by it, and by nothing else.
  external_index bytea,
  -- Sealed JSON: what the directory said of the person and nothing of ours has a column for.
  attributes bytea not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  primary key (organisation, identity)
);
create index provisioned_person_external on provisioned_person (organisation, external_index);
call tenant_table('provisioned_person', 'select, insert, update, delete', '');

create table provisioned_group (
  organisation uuid not null,
  access_group uuid not null,
  changed_at timestamptz not null,
  primary key (access_group)
);
call tenant_table('provisioned_group', 'select, insert, update, delete', '');

create table provisioning_setting (
  organisation uuid not null,
  -- Domains of people's addresses beside the organisation's own.
  domains text[] not null,
  changed_at timestamptz not null,
  primary key (organisation)
);
call tenant_table('provisioning_setting', 'select, insert, update', '');

-- What is taken over and what is ended is asked for by person.
create index api_key_creator on api_key (organisation, created_by) where revoked_at is null;
