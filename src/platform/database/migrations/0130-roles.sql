set local search_path = sealpost;

-- Who may do what, as data (ID-1). membership.roles stays what a person holds by themselves everywhere in the organisation;
-- what is narrower, given to a group, given for a time or given from outside stands in role_assignment.

create table role (
  id uuid primary key,
  organisation uuid not null,
  name text not null,
  description text not null default '',
  permissions text[] not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  removed_at timestamptz
);
create unique index role_name on role (organisation, lower(name)) where removed_at is null;
call tenant_table('role', 'select, insert, update', 'select');

-- Groups of people. `source` says who keeps the members in step: own, or the connection of an outside directory.
create table access_group (
  id uuid primary key,
  organisation uuid not null,
  name text not null,
  source text not null default 'own',
  external_id text,
  created_at timestamptz not null,
  removed_at timestamptz
);
create unique index access_group_name on access_group (organisation, source, lower(name)) where removed_at is null;
create unique index access_group_external on access_group (organisation, source, external_id)
  where removed_at is null and external_id is not null;
call tenant_table('access_group', 'select, insert, update', 'select');

create table group_member (
  organisation uuid not null,
  access_group uuid not null,
  identity uuid not null,
  since timestamptz not null,
  primary key (access_group, identity)
);
create index group_member_identity on group_member (organisation, identity);
call tenant_table('group_member', 'select, insert, delete', 'select');

-- `role` names a ready role, or holds the id of a row of role. `scope_kind` organisation means everywhere in it.
create table role_assignment (
  id uuid primary key,
  organisation uuid not null,
  subject_kind text not null check (subject_kind in ('identity', 'group')),
  subject uuid not null,
  role text not null,
  scope_kind text not null default 'organisation'
    check (scope_kind in ('organisation', 'stream', 'mailbox', 'list', 'form', 'case')),
  -- Sealed: a mailbox is an address.
  scope_id bytea,
  source text not null default 'own',
  created_by uuid,
  created_at timestamptz not null,
  expires_at timestamptz,
  ended_at timestamptz,
  check ((scope_kind = 'organisation') = (scope_id is null))
);
create index role_assignment_subject on role_assignment (organisation, subject) where ended_at is null;
call tenant_table('role_assignment', 'select, insert, update', 'select');
