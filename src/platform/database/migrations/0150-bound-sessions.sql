set local search_path = sealpost;

-- A session is bound to a key that its browser holds and cannot give away (ID-5, RFC 9449 in spirit): every request of it
-- carries a proof by that key. What ran before has no key; its people sign in again.
alter table session
  add column proof_key bytea,
  add column bound_at timestamptz,
  add column proven_at timestamptz,
  add column idle_seconds integer not null default 1800,
  add column agent text;
update session set ended_at = now() where ended_at is null;

-- What an organisation asks of sessions. No row: the defaults of platform/access/session-settings.
create table session_settings (
  organisation uuid primary key,
  step_up_minutes integer not null,
  session_limit integer,
  time_outs jsonb not null,
  changed_at timestamptz not null
);
call tenant_table('session_settings', 'select, insert, update', 'select');

-- One-use tickets for what a browser opens by itself: downloads. Seconds old at most.
create table session_ticket (
  token_hash bytea primary key,
  organisation uuid not null,
  session uuid not null,
  target_hash bytea not null,
  expires_at timestamptz not null
);
create index session_ticket_over on session_ticket (organisation, expires_at);
call tenant_table('session_ticket', 'select, insert, delete', '');
