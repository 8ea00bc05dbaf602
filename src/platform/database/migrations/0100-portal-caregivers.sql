-- Caregivers (proxies): staff give another person access to what the portal holds for a patient (45 CFR 164.502(g),
-- 164.510(b)), within a scope and until a day. A grant is ended, never deleted: who could read whose messages, and why, is
-- documentation that is kept (45 CFR 164.316(b)(2)). At most one open grant for a pair, so that a withdrawal always ends it.
set local search_path = sealpost;

create table portal_caregiver (
  id uuid primary key,
  organisation uuid not null,
  patient uuid not null references portal_person (id),
  caregiver uuid not null references portal_person (id),
  relation text not null check (relation in ('parent', 'guardian', 'representative', 'family', 'other')),
  streams text[] not null,
  highest_class text not null check (highest_class in ('ordinary', 'light', 'high')),
  may_reply boolean not null,
  -- Whether the caregiver is shown the patient's address beside the label.
  shows_address boolean not null,
  -- Whether new messages are announced to the caregiver too.
  notices boolean not null,
  label bytea not null,
  reason bytea not null,
  granted_by jsonb not null,
  granted_at timestamptz not null,
  starts_at timestamptz not null,
  expires_at timestamptz not null,
  ended_as text check (ended_as in ('withdrawn', 'replaced')),
  ended_by jsonb,
  ended_at timestamptz,
  check ((ended_as is null) = (ended_at is null) and (ended_as is null) = (ended_by is null)),
  check (expires_at > starts_at),
  check (patient <> caregiver)
);
create unique index portal_caregiver_open on portal_caregiver (organisation, patient, caregiver) where ended_at is null;
create index portal_caregiver_of on portal_caregiver (organisation, caregiver) where ended_at is null;
create index portal_caregiver_newest on portal_caregiver (organisation, id desc);
call tenant_table('portal_caregiver', 'select, insert', 'select');
-- What was granted stays as it was; only its end is added.
grant update (ended_as, ended_by, ended_at) on portal_caregiver to sealpost_app;

-- Expand: null means the recipient, as in every row of before. Processes of the release before write without them.
alter table portal_access add column caregiver uuid;
alter table portal_reply add column caregiver uuid;
-- First opening by any caregiver: the sender has been told, the recipient's own state stays as it is.
alter table portal_item add column caregiver_read_at timestamptz;
