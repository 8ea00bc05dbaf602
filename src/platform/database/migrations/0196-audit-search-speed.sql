set local search_path = sealpost;

-- Entries whose bytes are none of ours carry one term, all others at least four: every search brings them up, and finds
-- them without asking the index of terms.
create index audit_search_unreadable on audit_search (organisation, id) where cardinality(terms) = 1;

-- What was written last waits in a list that each search reads whole: 4 MB of it, the default, take 20 ms.
drop index audit_search_terms;
create index audit_search_terms on audit_search using gin (terms) with (fastupdate = on, gin_pending_list_limit = 256);

-- What one table of entries' terms holds of a search, by its index of terms. A long list (a recipient of years stands
-- under thousands of ids) looks to the planner as if it named everything, and it would compare each entry with the whole
-- list, which takes minutes: `is true` and the settings leave it no way but that index. What is materialized is not
-- ordered beforehand.
create function audit_by_terms(source regclass, long boolean, tenant uuid, wanted bigint[], one_of bigint[],
                               and_of bigint[], or_of bigint[], lowest uuid, before uuid, most integer)
returns setof uuid
language plpgsql stable set search_path = sealpost, pg_temp
set enable_seqscan = off set enable_indexscan = off set enable_indexonlyscan = off as $$
begin
  return query execute
    'with found as materialized (select t.id from ' || source || ' t where '
    || case when long then '(t.organisation = $1 and t.id >= $6 and t.id < $7) is true'
         else 't.organisation = $1 and t.id >= $6 and t.id < $7' end
    || case when cardinality(wanted) > 0 then ' and t.terms @> $2' else '' end
    || case when one_of is not null then ' and t.terms && $3' else '' end
    || case when and_of is not null then ' and t.terms && $4' else '' end
    || case when or_of is not null then ' and t.terms && $5' else '' end
    || ') select id from found order by id desc limit $8'
    using tenant, wanted, one_of, and_of, or_of, lowest, before, most;
end $$;
revoke all on function audit_by_terms(regclass, boolean, uuid, bigint[], bigint[], bigint[], bigint[], uuid, uuid,
                                      integer) from public;

-- As before, in two steps, because no statistics say how rare a term is, or several together. The newest five thousand
-- entries are looked through one by one: that is where whatever is frequent fills a page. What is older is found by the
-- index of terms alone. With a long list all of it is, month by month, the newest first.
create or replace function search_audit(tenant uuid, wanted bigint[], one_of bigint[], and_of bigint[], or_of bigint[],
                             lowest uuid, before uuid, most integer) returns setof uuid
language plpgsql stable security definer set search_path = sealpost, pg_temp as $$
declare
  edge uuid;
  part regclass;
  found bigint;
  shown bigint := 0;
begin
  if not (tenant = any (sealpost.tenants())) then return; end if;
  if greatest(cardinality(one_of), cardinality(and_of), cardinality(or_of), 0) > 50 then
    for part in
      select i.inhrelid::regclass from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'sealpost.audit_search'::regclass order by c.relname desc
    loop
      return query select audit_by_terms(part, true, tenant, wanted, one_of, and_of, or_of, lowest, before,
                                         most - shown::integer);
      get diagnostics found = row_count;
      shown := shown + found;
      exit when shown >= most;
    end loop;
    return;
  end if;
  edge := coalesce((select id from audit_search
                    where organisation = tenant and id >= lowest and id < before
                    order by id desc offset 5000 limit 1), lowest);
  return query
    select t.id from (
      select id, terms from audit_search
      where organisation = tenant and id >= edge and id < before order by id desc offset 0
    ) t
    where t.terms @> wanted and (one_of is null or t.terms && one_of)
      and (and_of is null or t.terms && and_of) and (or_of is null or t.terms && or_of)
    order by t.id desc limit most;
  get diagnostics shown = row_count;
  if shown >= most or edge = lowest then return; end if;
  return query
    select audit_by_terms('sealpost.audit_search', false, tenant, wanted, one_of, and_of, or_of, lowest, edge,
                          most - shown::integer);
end $$;

create function unreadable_audit(tenant uuid, lowest uuid, before uuid, most integer) returns setof uuid
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select id from audit_search
  where tenant = any (sealpost.tenants()) and organisation = tenant and cardinality(terms) = 1
    and id >= lowest and id < before
  order by id desc limit most
$$;
revoke all on function unreadable_audit(uuid, uuid, uuid, integer) from public;
grant execute on function unreadable_audit(uuid, uuid, uuid, integer) to sealpost_app, sealpost_worker;
