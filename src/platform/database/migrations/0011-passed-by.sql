-- Claims in a large backlog of destinations that take nothing now: see docs/decisions/0016-fair-slots.md.
set local search_path = sealpost;

-- How far the due work of an organisation and priority is known to be for `skipped` destinations only. A note for
-- claims, written only while such work stands in front; losing it costs time.
create unlogged table queue_passed (
  organisation uuid not null,
  priority smallint not null,
  skipped text[] not null,
  until timestamptz not null,
  since timestamptz not null,
  primary key (organisation, priority, skipped)
) with (fillfactor = 50);
call tenant_table('queue_passed', '', '');

-- Looks for due items behind those of skipped destinations, `most` rows at a time, and notes how far it came, so that
-- the next look begins there. At most `wanted` items, in the order of the queue. What is committed late, with a due_at
-- that was passed already, is found all the same: the last two seconds are never passed, and after thirty all begins anew.
create function look_behind(tenant uuid, wanted integer, below smallint, skipped text[], moment timestamptz, most integer)
returns uuid[] language plpgsql set search_path = sealpost, pg_temp as $$
declare
  level smallint; note_until timestamptz; note_since timestamptz; may_note boolean; passed timestamptz; seen integer; last_seen timestamptz; first_found timestamptz;
  hits uuid[]; found_items uuid[] := '{}'; allowed integer := most;
begin
  -- Two workers that look at once do not wait for each other: one of them takes no notes.
  may_note := pg_try_advisory_xact_lock(hashtext('sealpost.queue_passed'), hashtext(tenant::text));
  select min(q.priority) into level from queue q where q.organisation = tenant;
  while level is not null and level < below loop
    select n.until, n.since into note_until, note_since from queue_passed n
      where n.organisation = tenant and n.priority = level and n.skipped <@ look_behind.skipped
        and n.since > moment - interval '30 seconds' order by n.until desc limit 1;
    if not found then
      note_until := '-infinity';
      note_since := moment;
    end if;
    -- Work that falls due together is passed together, however much it is: a campaign has one due_at.
    with seen_rows as materialized (
      select q.item, q.domain, q.due_at from queue q
      where q.organisation = tenant and q.priority = level and q.due_at > note_until and q.due_at <= moment
      order by q.due_at fetch first (allowed) rows with ties
    ), hit as (
      select s.item, s.due_at from seen_rows s where not (s.domain = any (look_behind.skipped))
      order by s.due_at limit wanted - cardinality(found_items)
    )
    select (select count(*) from seen_rows), (select max(s.due_at) from seen_rows s),
           (select min(h.due_at) from hit h), array(select h.item from hit h order by h.due_at)
      into seen, last_seen, first_found, hits;
    found_items := found_items || hits;
    passed := least(moment - interval '2 seconds', first_found - interval '1 microsecond',
                    case when seen >= allowed then last_seen end);
    if passed > note_until and may_note then
      insert into queue_passed as n values (tenant, level, array(select distinct d from unnest(look_behind.skipped) d order by d),
                                            passed, note_since)
        on conflict on constraint queue_passed_pkey do update set until = excluded.until, since = excluded.since;
      delete from queue_passed n where n.organisation = tenant and n.since <= moment - interval '30 seconds';
    end if;
    allowed := allowed - seen;
    exit when allowed <= 0 or cardinality(found_items) >= wanted;
    select min(q.priority) into level from queue q where q.organisation = tenant and q.priority > level;
  end loop;
  return found_items;
end $$;
revoke all on function look_behind(uuid, integer, smallint, text[], timestamptz, integer) from public;

-- As before, but looks at no more than 1,000 due items before it goes on from where the last look behind them ended.
create or replace function claim_for(tenant uuid, room integer, below smallint, per_domain integer, domains jsonb,
                                     skipped text[], moment timestamptz, lease interval)
returns setof claimed_work language plpgsql set search_path = sealpost, pg_temp as $$
declare
  got integer; behind uuid[]; served text[];
begin
  return query
  with due as (
    select s.item, s.domain, s.priority, s.due_at from (
      select q.item, q.domain, q.priority, q.due_at from queue q
      where q.organisation = tenant and q.due_at <= moment and q.priority < below
      order by q.priority, q.due_at limit 1000
    ) s where not (s.domain = any (skipped)) order by s.priority, s.due_at limit room * 4
  ), ranked as (
    select d.item, row_number() over (partition by d.domain order by d.priority, d.due_at)
             + coalesce((domains ->> d.domain)::integer, 0) as place, d.priority, d.due_at
    from due d
  ), picked as (
    select q.item, q.leased as late from queue q join ranked r on r.item = q.item
    where r.place <= per_domain and q.due_at <= moment
    order by r.priority, r.due_at limit room
    for update of q skip locked
  )
  update queue q set due_at = moment + lease, fence = q.fence + 1, leased = true
  from picked p where q.item = p.item
  returning q.item, q.kind, q.organisation, q.message, q.domain, q.priority, q.fence, p.late;
  get diagnostics got = row_count;
  if got >= room or cardinality(skipped) = 0 then return; end if;
  perform from queue q where q.organisation = tenant and q.due_at <= moment and q.priority < below
    order by q.priority, q.due_at offset 999 limit 1;
  if not found then return; end if;
  behind := look_behind(tenant, (room - got) * 4, below, skipped, moment, 10000);
  if cardinality(behind) = 0 then return; end if;
  served := array(select distinct q.domain from queue q where got > 0 and q.organisation = tenant and q.due_at = moment + lease);
  return query
  with ranked as (
    select q.item, row_number() over (partition by q.domain order by q.priority, q.due_at)
             + coalesce((domains ->> q.domain)::integer, 0) as place, q.priority, q.due_at
    from queue q where q.item = any (behind) and not (q.domain = any (served))
  ), picked as (
    select q.item, q.leased as late from queue q join ranked r on r.item = q.item
    where r.place <= per_domain and q.due_at <= moment
    order by r.priority, r.due_at limit room - got
    for update of q skip locked
  )
  update queue q set due_at = moment + lease, fence = q.fence + 1, leased = true
  from picked p where q.item = p.item
  returning q.item, q.kind, q.organisation, q.message, q.domain, q.priority, q.fence, p.late;
end $$;
