set local search_path = sealpost;

-- The log is only added to. The working roles hold no right to change or take away; this keeps everything else out that
-- runs in this schema under another role than the server's superuser (whose changes verification finds).
create function audit_stays() returns trigger language plpgsql set search_path = sealpost, pg_temp as $$
begin
  if (select rolsuper from pg_roles where rolname = current_user) then
    return case when tg_op = 'UPDATE' then new else old end;
  end if;
  raise exception 'the audit log is only added to' using errcode = '42501';
end $$;

create trigger audit_entry_stays before update or delete on audit_entry for each row execute function audit_stays();
create trigger audit_order_stays before update or delete on audit_order for each row execute function audit_stays();
create trigger audit_tile_stays before update or delete on audit_tile for each row execute function audit_stays();
create trigger audit_checkpoint_stays before delete or update of organisation, size, root, note, created_at
  on audit_checkpoint for each row execute function audit_stays();
create trigger audit_entry_whole before truncate on audit_entry for each statement execute function audit_stays();
create trigger audit_order_whole before truncate on audit_order for each statement execute function audit_stays();
create trigger audit_tile_whole before truncate on audit_tile for each statement execute function audit_stays();
create trigger audit_checkpoint_whole before truncate on audit_checkpoint for each statement execute function audit_stays();

-- How long an organisation promises to keep its entries; only added to. Without one it is six years
-- (45 CFR 164.316(b)(2)(i)), and less cannot be promised.
create table audit_promise (
  id uuid primary key,
  organisation uuid not null,
  years integer not null check (years >= 6),
  made_at timestamptz not null
);
create index audit_promise_organisation on audit_promise (organisation, made_at);
call tenant_table('audit_promise', 'select, insert', 'select');
create trigger audit_promise_stays before update or delete on audit_promise
  for each row execute function audit_stays();

-- Until when an entry of that moment is kept: by the longest promise that was in force at any time since. So a longer
-- one holds for all entries at once, and a shorter one only for those that are written after it.
create function audit_kept_until(tenant uuid, written timestamptz) returns timestamptz
language sql stable set search_path = sealpost, pg_temp as $$
  select written + make_interval(years => greatest(6, coalesce((
    select max(p.years) from (
      select years, lead(made_at, 1, 'infinity') over (order by made_at, id) as until
      from audit_promise where organisation = tenant
    ) p where p.until > written), 6)))
$$;

-- Who reviews the log and how often; when the working day is.
create table audit_settings (
  organisation uuid primary key,
  review_days integer not null default 7,
  reviewers uuid[] not null default '{}',
  day_begins smallint not null default 7,
  day_ends smallint not null default 19,
  changed_at timestamptz not null,
  overdue_said_at timestamptz
);
call tenant_table('audit_settings', 'select, insert, update', 'select, update');

-- What the daily verification of a log found: shown at once, beside the log, because the log is what is doubted.
create table audit_verified (
  id uuid primary key,
  organisation uuid not null,
  ended_at timestamptz not null,
  size bigint not null,
  sound boolean not null,
  findings integer not null default 0,
  kinds text[] not null default '{}',
  seconds integer not null default 0
);
create index audit_verified_organisation on audit_verified (organisation, id);
call tenant_table('audit_verified', 'select, insert', 'select, insert');

-- Logs whose newest verification found something: a number for the metrics.
create function audit_unsound() returns bigint
language sql stable security definer set search_path = sealpost, pg_temp
  return (select count(*) from (
    select distinct on (organisation) sound from audit_verified order by organisation, id desc
  ) v where not v.sound);
revoke all on function audit_unsound() from public;
grant execute on function audit_unsound() to sealpost_app, sealpost_worker;
