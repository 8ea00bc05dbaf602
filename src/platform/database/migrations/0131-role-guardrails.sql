set local search_path = sealpost;

-- Bounds of what roles give (ID-1): a boundary of one person, and guardrails that a parent organisation sets for those below it.
alter table membership add column boundary text[];

-- A role whose right to read content counts for one's own messages and one's own patients only, where the organisation says so.
alter table role add column care_only boolean not null default false;

-- `denied`: what nobody below may hold. `caps`: by role name in lower case, the most that a role of that name may hold below.
create table guardrail (
  organisation uuid primary key,
  denied text[] not null default '{}',
  caps jsonb not null default '{}',
  changed_at timestamptz not null
);
call tenant_table('guardrail', 'select, insert, update', 'select');

-- The guardrails of everything above an organisation, nearest first. Nothing but the rules and whose they are: a child
-- sees no other row of its parents.
create function guardrails_above(child uuid) returns table (organisation uuid, denied text[], caps jsonb)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  with recursive above (id, depth) as (
    select o.parent, 1 from organisation o where o.id = child and child = any (tenants()) and o.parent is not null
    union
    select o.parent, a.depth + 1 from above a join organisation o on o.id = a.id
      where o.parent is not null and a.depth < 32
  )
  select g.organisation, g.denied, g.caps from above a join guardrail g on g.organisation = a.id order by a.depth
$$;
revoke all on function guardrails_above(uuid) from public;
grant execute on function guardrails_above(uuid) to sealpost_app;

-- Puts an organisation below another one, for the installation's operator. False: it would stand below itself, the chain
-- would be longer than guardrails_above follows, or the parent is none. The transaction must carry the child.
create function place_below(child uuid, wanted uuid) returns boolean
language plpgsql security definer set search_path = sealpost, pg_temp as $$
declare
  at uuid := wanted; steps integer := 0;
begin
  if not (child = any (tenants())) then return false; end if;
  perform pg_advisory_xact_lock(hashtext('sealpost.place_below'));
  while at is not null loop
    steps := steps + 1;
    if at = child or steps > 8 then return false; end if;
    select o.parent into at from organisation o where o.id = at;
    if not found then return false; end if;
  end loop;
  update organisation set parent = wanted where id = child;
  return found;
end $$;
revoke all on function place_below(uuid, uuid) from public;
grant execute on function place_below(uuid, uuid) to sealpost_app;
