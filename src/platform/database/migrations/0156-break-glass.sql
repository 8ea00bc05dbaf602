set local search_path = sealpost;

-- Emergency access (45 CFR 164.312(a)(2)(ii)): taken by a person for minutes or hours, with a reason, and looked at afterwards by
-- another one. What it gives is a role_assignment whose source names the row.
create table break_glass (
  id uuid primary key,
  organisation uuid not null,
  identity uuid not null,
  -- Sealed: both may name a patient.
  reason bytea not null,
  reference bytea,
  started_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  ended_early boolean,
  reviewed_by uuid,
  reviewed_at timestamptz,
  justified boolean,
  note bytea
);
create unique index break_glass_running on break_glass (organisation, identity) where ended_at is null;
call tenant_table('break_glass', 'select, insert, update', '');
