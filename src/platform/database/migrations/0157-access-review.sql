set local search_path = sealpost;

-- A campaign in which named reviewers look at who can do what, and keep or revoke each (NIST SP 800-53 AC-2).
create table access_review (
  id uuid primary key,
  organisation uuid not null,
  name text not null,
  audience text not null check (audience in ('people', 'role', 'group', 'machines')),
  -- The role's name or id, or the group's id.
  audience_id text,
  reviewers uuid[] not null,
  due_at timestamptz not null,
  every_months integer,
  next_at timestamptz,
  created_by uuid,
  created_at timestamptz not null,
  closed_by uuid,
  closed_at timestamptz
);
create index access_review_next on access_review (organisation, next_at) where next_at is not null;
call tenant_table('access_review', 'select, insert, update', '');

-- One line: what it was when the campaign began, and what was decided. `person` is whose access it is (a machine's: who answers
-- for it), who may not decide on it.
create table access_review_item (
  id uuid primary key,
  organisation uuid not null,
  review uuid not null,
  kind text not null check (kind in ('member', 'assignment', 'service-account', 'api-key')),
  subject uuid not null,
  person uuid,
  holds text[] not null,
  last_used_at timestamptz,
  decision text check (decision in ('keep', 'revoke')),
  decided_by uuid,
  decided_at timestamptz,
  audit_entry uuid
);
create index access_review_item_review on access_review_item (organisation, review);
call tenant_table('access_review_item', 'select, insert, update', '');
