set local search_path = sealpost;

-- Who cares for whom (ID-1, 45 CFR 164.502(b)): a person or group of staff, and a recipient's address.
create table care_relationship (
  id uuid primary key,
  organisation uuid not null,
  subject_kind text not null check (subject_kind in ('identity', 'group')),
  subject uuid not null,
  address_index bytea not null,
  address bytea not null,
  since timestamptz not null,
  until timestamptz,
  source text not null default 'own',
  created_at timestamptz not null,
  ended_at timestamptz
);
create index care_relationship_subject on care_relationship (organisation, subject) where ended_at is null;
create index care_relationship_address on care_relationship (organisation, address_index) where ended_at is null;
call tenant_table('care_relationship', 'select, insert, update', 'select');
