-- Monitoring (AU-3): rules over the audit stream, what they remember, incidents, and who is told.
set local search_path = sealpost;

-- An organisation's own rules, and what it changed of the ready ones (`ready` is then the code). Names are sealed: people
-- write them. The definition is codes and numbers only.
create table alert_rule (
  id uuid primary key,
  organisation uuid not null,
  ready text,
  name bytea,
  definition jsonb not null,
  severity text not null,
  active boolean not null,
  channels uuid[],
  revision integer not null default 1,
  changed_by jsonb not null,
  changed_at timestamptz not null,
  removed_at timestamptz
);
create unique index alert_rule_ready on alert_rule (organisation, ready) where ready is not null;
create index alert_rule_organisation on alert_rule (organisation, id);
call tenant_table('alert_rule', 'select, insert, update', 'select');

-- How far the worker has read the log. Its row is held while a page is evaluated; page, windows, incidents and alerts commit together.
create table monitor_cursor (
  organisation uuid primary key,
  position bigint not null,
  live_since timestamptz not null,
  read_at timestamptz not null
);
call tenant_table('monitor_cursor', 'select', 'select, insert, update');

-- What a rule remembers of one group: ids, networks of staff, numbers.
create table monitor_window (
  organisation uuid not null,
  name text not null,
  state jsonb not null,
  expires_at timestamptz not null,
  primary key (organisation, name)
);
create index monitor_window_expires on monitor_window (organisation, expires_at);
call tenant_table('monitor_window', '', 'select, insert, update, delete');

create table incident (
  id uuid primary key,
  organisation uuid not null,
  rule text,
  group_key text not null,
  title bytea,
  severity text not null check (severity in ('low', 'medium', 'high', 'critical')),
  state text not null check (state in ('open', 'acknowledged', 'assigned', 'closed')),
  opened_at timestamptz not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  hits integer not null default 1,
  amount double precision not null default 1,
  evidence integer not null default 0,
  assigned_to uuid,
  acknowledged_at timestamptz,
  closed_at timestamptz,
  cause text,
  opened_by jsonb not null,
  -- Of the last alert: rising above it, or staying open too long, alerts again.
  alerted_severity text,
  alerted_at timestamptz,
  escalations integer not null default 0
);
create index incident_organisation on incident (organisation, id desc);
create index incident_open on incident (organisation, state) where state <> 'closed';
create index incident_group on incident (organisation, rule, group_key, last_at desc);
call tenant_table('incident', 'select, insert, update', 'select, insert, update');

create table incident_evidence (
  organisation uuid not null,
  incident uuid not null,
  entry uuid not null,
  primary key (organisation, incident, entry)
);
call tenant_table('incident_evidence', 'select, insert', 'select, insert');

-- What happened with an incident, in order. Notes are sealed.
create table incident_step (
  id uuid primary key,
  organisation uuid not null,
  incident uuid not null,
  kind text not null,
  actor jsonb not null,
  details jsonb not null default '{}',
  note bytea,
  at timestamptz not null
);
create index incident_step_incident on incident_step (organisation, incident, id);
call tenant_table('incident_step', 'select, insert', 'select, insert');

-- Who is told, and how. Label and settings (people, telephone numbers, address and secret of a webhook) are sealed.
create table alert_channel (
  id uuid primary key,
  organisation uuid not null,
  kind text not null check (kind in ('mail', 'text', 'webhook')),
  settings bytea not null,
  least text not null check (least in ('low', 'medium', 'high', 'critical')),
  active boolean not null,
  changed_by jsonb not null,
  changed_at timestamptz not null,
  removed_at timestamptz
);
create index alert_channel_organisation on alert_channel (organisation, id);
call tenant_table('alert_channel', 'select, insert, update', 'select');

-- Mute until then, and after how many minutes an incident that nobody acknowledged alerts again. Without a row: never muted, 60.
create table alert_setting (
  organisation uuid primary key,
  muted_until timestamptz,
  escalate_minutes integer not null,
  changed_by jsonb not null,
  changed_at timestamptz not null
);
call tenant_table('alert_setting', 'select, insert, update', 'select');

-- What is to be told to whom. Ids and codes only.
create table alert (
  id uuid primary key,
  organisation uuid not null,
  incident uuid,
  channel uuid not null,
  reason text not null,
  severity text not null,
  state text not null check (state in ('waiting', 'sent', 'dead', 'muted')),
  attempts integer not null default 0,
  failure text,
  created_at timestamptz not null,
  due_at timestamptz not null,
  give_up_at timestamptz not null,
  ended_at timestamptz
);
create index alert_due on alert (due_at) where state = 'waiting';
create index alert_channel_newest on alert (organisation, channel, id desc);
create index alert_incident on alert (organisation, incident);
call tenant_table('alert', 'select, insert', 'select, insert, update, delete');

-- A rule tried on past entries. Nothing is opened or sent by it.
create table alert_try (
  id uuid primary key,
  organisation uuid not null,
  definition jsonb not null,
  severity text not null,
  days integer not null,
  state text not null check (state in ('waiting', 'running', 'done', 'failed')),
  progress double precision not null default 0,
  result jsonb,
  runner uuid,
  lease_until timestamptz,
  started_by jsonb not null,
  created_at timestamptz not null,
  finished_at timestamptz
);
create index alert_try_organisation on alert_try (organisation, id desc);
create index alert_try_waiting on alert_try (id) where state in ('waiting', 'running');
call tenant_table('alert_try', 'select, insert', 'select, update, delete');

-- Over all organisations, ids only. Organisations whose log has entries beyond what was read, or that were never read.
create function monitor_behind(at_most integer) returns setof uuid
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select log.organisation from (
    select o.id as organisation from organisation o
    union all select '00000000-0000-0000-0000-000000000000'::uuid
  ) log
  left join monitor_cursor c on c.organisation = log.organisation
  where exists (
    select from audit_order p where p.organisation = log.organisation and p.position >= coalesce(c.position, 0)
  )
  order by c.read_at nulls first limit at_most
$$;
create function due_alerts(now timestamptz, at_most integer) returns table (organisation uuid, alert uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select a.organisation, a.id from alert a where a.state = 'waiting' and a.due_at <= now order by a.due_at limit at_most
$$;
create function waiting_alert_tries(now timestamptz, at_most integer) returns table (organisation uuid, try uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select t.organisation, t.id from alert_try t
  where t.state = 'waiting' or (t.state = 'running' and t.lease_until < now) order by t.id limit at_most
$$;
-- Organisations with incidents that nobody acknowledged.
create function unanswered_incidents() returns setof uuid
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select distinct i.organisation from incident i where i.state = 'open'
$$;
revoke all on function monitor_behind(integer), due_alerts(timestamptz, integer), waiting_alert_tries(timestamptz, integer),
  unanswered_incidents() from public;
grant execute on function monitor_behind(integer), due_alerts(timestamptz, integer), waiting_alert_tries(timestamptz, integer),
  unanswered_incidents() to sealpost_worker;
