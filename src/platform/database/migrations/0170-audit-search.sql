set local search_path = sealpost;

-- What the audit log is searched by: hashes of the codes and ids that stand in clear in an entry's bytes (action, actor,
-- subjects, channel, network, request). A help for finding and no part of the log: verification and export read the log.
create table audit_search (
  id uuid primary key,
  organisation uuid not null,
  terms bigint[] not null
) partition by range (id);
create index audit_search_organisation on audit_search (organisation, id);
create index audit_search_terms on audit_search using gin (terms) with (fastupdate = on);
call tenant_table('audit_search', '', 'insert');
insert into partitioned_table values ('audit_search');

-- How far each log has been read into it: all positions below `indexed`.
create table audit_search_state (
  organisation uuid primary key,
  indexed bigint not null
);
call tenant_table('audit_search_state', 'select', 'select, insert, update');

-- Logs that are ahead of their index: ids only.
create function audit_unindexed() returns setof uuid
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select o.id from (
    select distinct organisation as id from audit_checkpoint
  ) o left join audit_search_state s on s.organisation = o.id
  where coalesce(s.indexed, 0) < (select max(size) from audit_checkpoint c where c.organisation = o.id)
$$;
revoke all on function audit_unindexed() from public;
grant execute on function audit_unindexed() to sealpost_worker;

-- Row security would keep the index of arrays from being used (its operators are not leakproof), so the function carries
-- its own predicate, which must be among the transaction's organisations. All of `wanted`, and of each further list
-- one; a list that is null asks for nothing. Planned anew each time: what is rare decides.
create function search_audit(tenant uuid, wanted bigint[], one_of bigint[], and_of bigint[], or_of bigint[],
                             lowest uuid, before uuid, most integer) returns setof uuid
language plpgsql stable security definer set search_path = sealpost, pg_temp as $$
begin
  if not (tenant = any (sealpost.tenants())) then return; end if;
  return query execute
    'select t.id from audit_search t where t.organisation = $1 and t.id >= $6 and t.id < $7'
    || case when cardinality(wanted) > 0 then ' and t.terms @> $2' else '' end
    || case when one_of is not null then ' and t.terms && $3' else '' end
    || case when and_of is not null then ' and t.terms && $4' else '' end
    || case when or_of is not null then ' and t.terms && $5' else '' end
    || ' order by t.id desc limit $8'
    using tenant, wanted, one_of, and_of, or_of, lowest, before, most;
end $$;
revoke all on function search_audit(uuid, bigint[], bigint[], bigint[], bigint[], uuid, uuid, integer) from public;
grant execute on function search_audit(uuid, bigint[], bigint[], bigint[], bigint[], uuid, uuid, integer)
  to sealpost_app, sealpost_worker;

-- Under which ids a mail address stands in this organisation, by its keyed hashes: the newest of each kind.
create function audit_subjects_of(tenant uuid, means text[], hashes bytea[], most integer)
returns table (kind text, id uuid)
language plpgsql stable security definer set search_path = sealpost, pg_temp as $$
declare at integer;
begin
  if not (tenant = any (sealpost.tenants())) then return; end if;
  for at in 1 .. cardinality(means) loop
    case means[at]
      when 'address' then
        return query select 'delivery', d.id from delivery d
          where d.organisation = tenant and d.recipient_index = hashes[at] order by d.id desc limit most;
        return query select distinct 'message', m.message from (
          select d.message from delivery d
          where d.organisation = tenant and d.recipient_index = hashes[at] order by d.id desc limit most) m;
        return query select 'message', m.id from message m
          where m.organisation = tenant and m.sender_index = hashes[at] order by m.id desc limit most;
      when 'portal-address/1' then
        return query select 'portal-person', p.id from portal_person p
          where p.organisation = tenant and p.address_index = hashes[at];
        return query select 'portal-item', i.id from portal_item i join portal_person p on p.id = i.person
          where p.organisation = tenant and i.organisation = tenant and p.address_index = hashes[at]
          order by i.id desc limit most;
      when 'recipient-record/1' then
        return query select 'recipient', r.id from recipient_record r
          where r.organisation = tenant and r.address_index = hashes[at];
      when 'pgp-address/1' then
        return query select 'recipient-key', k.id from pgp_key k
          where k.organisation = tenant and k.address_index = hashes[at];
      when 'certificate-address/1' then
        return query select 'certificate', c.id from recipient_certificate c
          where c.organisation = tenant and c.address_index = hashes[at];
      when 'pdf-password-address/1' then
        return query select 'pdf-password', p.id from pdf_password p
          where p.organisation = tenant and p.address_index = hashes[at];
      when 'waiver-address/1' then
        return query select 'waiver', w.id from waiver w
          where w.organisation = tenant and w.address_index = hashes[at];
      else raise exception 'unknown means';
    end case;
  end loop;
end $$;
revoke all on function audit_subjects_of(uuid, text[], bytea[], integer) from public;
grant execute on function audit_subjects_of(uuid, text[], bytea[], integer) to sealpost_app;

-- Searches that staff keep: name and terms sealed.
create table audit_filter (
  id uuid primary key,
  organisation uuid not null,
  identity uuid not null,
  shared boolean not null,
  name bytea not null,
  query bytea not null,
  created_at timestamptz not null,
  removed_at timestamptz
);
create index audit_filter_organisation on audit_filter (organisation, id) where removed_at is null;
call tenant_table('audit_filter', 'select, insert, update', '');

-- Partitions from the first month on: the index is filled from the log's beginning.
select ensure_partitions(coalesce((select min(created_at) from organisation), now()) - interval '1 month',
                         now() + interval '13 months');
