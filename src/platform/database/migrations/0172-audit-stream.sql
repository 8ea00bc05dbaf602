set local search_path = sealpost;

-- Where an organisation's log is streamed to (syslog over TLS), and how far it has got. Where and by which certificates is
-- sealed.
create table audit_stream (
  organisation uuid primary key,
  settings bytea not null,
  -- The next position to be sent.
  cursor bigint not null default 0,
  due_at timestamptz not null,
  failures integer not null default 0,
  last_error text,
  last_error_at timestamptz,
  last_sent_at timestamptz,
  changed_at timestamptz not null
);
call tenant_table('audit_stream', 'select, insert, update, delete', 'select, update');

-- Organisations whose stream is due and has something to send: ids only.
create function audit_streams_due(moment timestamptz) returns setof uuid
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select s.organisation from audit_stream s
  where s.due_at <= moment
    and s.cursor < coalesce((select max(c.size) from audit_checkpoint c where c.organisation = s.organisation), 0)
  order by s.due_at
$$;
revoke all on function audit_streams_due(timestamptz) from public;
grant execute on function audit_streams_due(timestamptz) to sealpost_worker;
