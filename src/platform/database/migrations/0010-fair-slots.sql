-- Claims that share a worker's slots, not only its turns: see docs/decisions/0016-fair-slots.md.
set local search_path = sealpost;

create type claimed_work as
  (item uuid, kind text, organisation uuid, message uuid, domain text, priority smallint, fence bigint, late boolean);

-- Claims at most `room` due items of one organisation whose priority is under `below`: in the order of the queue, none
-- of the `skipped` destinations, and of each other one no more than `per_domain` together with those in hand (`domains`).
create function claim_for(tenant uuid, room integer, below smallint, per_domain integer, domains jsonb, skipped text[],
                          moment timestamptz, lease interval)
returns setof claimed_work language sql set search_path = sealpost, pg_temp as $$
  with due as (
    select q.item, q.domain, q.priority, q.due_at from queue q
    where q.organisation = tenant and q.due_at <= moment and q.priority < below and not (q.domain = any (skipped))
    order by q.priority, q.due_at limit room * 4
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
  returning q.item, q.kind, q.organisation, q.message, q.domain, q.priority, q.fence, p.late
$$;
revoke all on function claim_for(uuid, integer, smallint, integer, jsonb, text[], timestamptz, interval) from public;

-- Claims due items over all organisations, beginning behind `start`. `held` tells what the worker has in hand of each
-- organisation, as four counts: priority under 100 (notices, transactional), under 200 (business too) and any, all three
-- without what goes to destinations that have their share; and the sum.
--
-- With `free` slots each organisation is first brought up to `share` of them, and each destination up to
-- `domain_share`; what nobody else wants then goes to those that want more, so that who is alone has all. An
-- organisation beyond its share still gets `assured` items of a more urgent stream than those that fill its slots, and
-- of other destinations than one that fills them.
-- Without free slots only that is given, and to newcomers likewise, out of `reserve`.
create function claim_work(free integer, reserve integer, share integer, assured integer, per_domain integer,
                           domain_share integer, held jsonb, domains jsonb, busy text[], start uuid, lease interval)
returns setof claimed_work
language plpgsql security definer set search_path = sealpost, pg_temp as $$
declare
  moment timestamptz := clock_timestamp();
  tenant uuid := start; looped boolean := false;
  remaining integer := case when free > 0 then free else reserve end;
  counts jsonb; under_100 integer; under_200 integer; any_stream integer; total integer;
  room integer; below smallint; got integer; work claimed_work;
  wanting uuid[] := '{}';
  full_domains text[] := busy || array(select d.key from jsonb_each_text(domains) d
    where d.value::integer >= domain_share and d.key <> all (busy));
begin
  while remaining > 0 loop
    select q.organisation into tenant from queue q where q.organisation > tenant order by q.organisation limit 1;
    if not found then
      exit when looped;
      looped := true;
      -- The nil organisation never owns queue items, so starting again just below the first one is safe.
      tenant := '00000000-0000-0000-0000-000000000000';
      continue;
    end if;
    exit when looped and tenant > start;
    if free > 0 and cardinality(full_domains) = cardinality(busy)
       and (select q.organisation from queue q where q.organisation > tenant order by q.organisation limit 1) is null
       and (select q.organisation from queue q where q.organisation < tenant order by q.organisation limit 1) is null then
      -- Alone, and no destination fills its share: one step instead of two.
      return query select * from claim_for(tenant, remaining, 32767::smallint, per_domain, domains, busy, moment, lease);
      return;
    end if;
    counts := held -> tenant::text;
    under_100 := coalesce((counts ->> 0)::integer, 0);
    under_200 := coalesce((counts ->> 1)::integer, 0);
    any_stream := coalesce((counts ->> 2)::integer, 0);
    total := coalesce((counts ->> 3)::integer, 0);
    below := case when free > 0 and total < share or any_stream < assured then 32767
                  when under_200 < assured then 200 else 100 end;
    room := case when free > 0 and total < share then share - total
                 when any_stream < assured then assured - any_stream
                 when under_200 < assured then assured - under_200 else assured - under_100 end;
    got := 0;
    if room > 0 then
      for work in select * from claim_for(tenant, least(room, remaining), below, domain_share, domains, full_domains,
                                          moment, lease) loop
        return next work;
        got := got + 1;
        domains := domains || jsonb_build_object(work.domain, coalesce((domains ->> work.domain)::integer, 0) + 1);
      end loop;
      remaining := remaining - got;
    end if;
    if got >= room or total >= share or cardinality(full_domains) > cardinality(busy) then
      wanting := wanting || tenant;
    end if;
  end loop;
  if free <= 0 then return; end if;
  for place in 1 .. cardinality(wanting) loop
    exit when remaining <= 0;
    -- In equal parts; what one leaves goes to those behind it.
    room := ceil(remaining::numeric / (cardinality(wanting) - place + 1));
    for work in select * from claim_for(wanting[place], room, 32767::smallint, per_domain, domains, busy, moment, lease) loop
      return next work;
      remaining := remaining - 1;
      domains := domains || jsonb_build_object(work.domain, coalesce((domains ->> work.domain)::integer, 0) + 1);
    end loop;
  end loop;
end $$;
revoke all on function claim_work(integer, integer, integer, integer, integer, integer, jsonb, jsonb, text[], uuid, interval) from public;
grant execute on function claim_work(integer, integer, integer, integer, integer, integer, jsonb, jsonb, text[], uuid, interval) to sealpost_worker;

-- claim_due stays for workers of the release before; it goes when that release does.
