-- The policy workbench (DL-7): drafts, replays over past decisions, proposals that a second person decides on.
-- Expand only: processes of the release before write deliveries on without the new column.
set local search_path = sealpost;

-- What the last decision was made on, as codes; message and delivery hold the rest. No PHI.
alter table delivery add column facts jsonb;

-- Policies that are not in force. Name and document are sealed together.
create table policy_draft (
  id uuid primary key,
  organisation uuid not null,
  document bytea not null,
  base_version integer not null,
  revision integer not null default 1,
  created_by jsonb not null,
  created_at timestamptz not null default now(),
  changed_by jsonb not null,
  changed_at timestamptz not null default now()
);
create index policy_draft_organisation on policy_draft (organisation, id);
call tenant_table('policy_draft', 'select, insert, update, delete', '');

-- Whether a second person decides on changes of the policy. Without a row: no.
create table policy_setting (
  organisation uuid primary key,
  four_eyes boolean not null,
  changed_by jsonb not null,
  changed_at timestamptz not null default now()
);
call tenant_table('policy_setting', 'select, insert, update', '');

-- What was proposed, by whom, and what a second person said. Never deleted: it says who decided.
create table policy_proposal (
  id uuid primary key,
  organisation uuid not null,
  kind text not null check (kind in ('document', 'four-eyes-off')),
  base_version integer not null,
  document bytea,
  proposed_by jsonb not null,
  -- The person behind it, who may not decide on it; with an API key the one who made the key.
  proposer uuid not null,
  proposed_at timestamptz not null,
  expires_at timestamptz not null,
  ended_as text check (ended_as in ('approved', 'rejected', 'withdrawn')),
  ended_by jsonb,
  ended_at timestamptz,
  comment bytea,
  check ((ended_as is null) = (ended_at is null) and (ended_as is null) = (ended_by is null))
);
create index policy_proposal_organisation on policy_proposal (organisation, id desc);
call tenant_table('policy_proposal', 'select, insert', '');
grant update (ended_as, ended_by, ended_at, comment) on policy_proposal to sealpost_app;

-- A draft tried on past decisions: the worker goes on from `position`, newest message first, until `since` or `most`.
create table policy_replay (
  id uuid primary key,
  organisation uuid not null,
  document bytea not null,
  base_version integer not null,
  days integer not null,
  most integer not null,
  since timestamptz not null,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'cancelled', 'failed')),
  position uuid,
  result jsonb,
  started_by jsonb not null,
  created_at timestamptz not null,
  finished_at timestamptz
);
create index policy_replay_organisation on policy_replay (organisation, id desc);
create index policy_replay_waiting on policy_replay (id) where state in ('waiting', 'running');
call tenant_table('policy_replay', 'select, insert, update', 'select, update, delete');

-- Replays that the worker has to go on with: ids only.
create function waiting_policy_replays(at_most integer) returns table (organisation uuid, replay uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select r.organisation, r.id from policy_replay r where r.state in ('waiting', 'running') order by r.id limit at_most
$$;
revoke all on function waiting_policy_replays(integer) from public;
grant execute on function waiting_policy_replays(integer) to sealpost_worker;
