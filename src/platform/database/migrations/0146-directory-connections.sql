set local search_path = sealpost;

-- Outside directories that are read by LDAP. How to reach and read one is sealed as a whole.
create table provisioning_connection (
  id uuid primary key,
  organisation uuid not null,
  settings bytea not null,
  enabled boolean not null,
  every_minutes integer not null check (every_minutes >= 1),
  -- A pass that would end more people than this share, and more than this many, waits for somebody's word.
  guard_percent integer not null,
  guard_least integer not null,
  changed_at timestamptz not null,
  due_at timestamptz,
  -- The next pass only says what it would do.
  next_dry boolean not null default false,
  -- Held by a process that reads it now; a process that ended lets go by time.
  held_until timestamptz
);
create index provisioning_connection_organisation on provisioning_connection (organisation);
create index provisioning_connection_due on provisioning_connection (due_at) where due_at is not null;
call tenant_table('provisioning_connection', 'select, insert, update, delete', '');

create table provisioning_run (
  id uuid primary key,
  organisation uuid not null,
  connection uuid not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  state text not null check (state in ('running', 'planned', 'stopped', 'failed', 'finished')),
  -- A code: why it stopped or failed.
  reason text,
  -- Counts of the plan, and how much of it is done.
  counts jsonb not null default '{}',
  done integer not null default 0,
  total integer not null default 0,
  -- Whom the plan would end: ids, so that a confirmed plan can be told from another one.
  ending uuid[] not null default '{}',
  -- Sealed: the plan with addresses, for those who look at it.
  plan bytea,
  confirmed_at timestamptz
);
create index provisioning_run_connection on provisioning_run (organisation, connection, id desc);
call tenant_table('provisioning_run', 'select, insert, update, delete', '');

-- Connections whose time has come, over all organisations; ids only.
create function due_provisioning(at timestamptz) returns table (organisation uuid, connection uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select c.organisation, c.id from provisioning_connection c
  where c.due_at <= at and (c.held_until is null or c.held_until < at) and (c.enabled or c.next_dry) order by c.due_at limit 100
$$;
revoke all on function due_provisioning(timestamptz) from public;
grant execute on function due_provisioning(timestamptz) to sealpost_app;
