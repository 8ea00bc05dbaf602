-- A patient's network address is an identifier (45 CFR 164.514(b)(2)(i)(O)): it is sealed from here on.
-- Expand: `address` stays for processes of the release before, and empties as the worker's job seals what it finds there
-- (seal-portal-addresses). Contract: a later release drops the column, when the job has nothing left to do anywhere.
set local search_path = sealpost;

alter table portal_access add column sealed_address bytea;
create index portal_access_unsealed on portal_access (id) where address is not null;
grant update (address, sealed_address) on portal_access to sealpost_worker;

-- Rows that still hold an address in clear, oldest first: ids only.
create function unsealed_portal_access(most integer) returns table (organisation uuid, access uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select a.organisation, a.id from portal_access a where a.address is not null order by a.id limit most
$$;
revoke all on function unsealed_portal_access(integer) from public;
grant execute on function unsealed_portal_access(integer) to sealpost_worker;
