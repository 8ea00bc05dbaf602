set local search_path = sealpost;

-- A review of a stretch of the log (45 CFR 164.308(a)(1)(ii)(D)). `counts` holds codes and numbers.
create table audit_review (
  id uuid primary key,
  organisation uuid not null,
  from_position bigint not null,
  to_position bigint not null,
  opened_by uuid not null,
  opened_at timestamptz not null,
  counts jsonb not null default '{}',
  closed_by uuid,
  closed_at timestamptz,
  statement bytea,
  -- All acts of people in it were the reviewer's own.
  only_self boolean not null default false
);
create index audit_review_organisation on audit_review (organisation, id);
create unique index audit_review_open on audit_review (organisation) where closed_at is null;
call tenant_table('audit_review', 'select, insert, update', 'select');

create table audit_review_mark (
  id uuid primary key,
  organisation uuid not null,
  review uuid not null,
  entry uuid not null,
  identity uuid not null,
  note bytea not null,
  made_at timestamptz not null
);
create index audit_review_mark_review on audit_review_mark (organisation, review, id);
call tenant_table('audit_review_mark', 'select, insert', '');
