-- The portal: look-up by address over organisations, the summary of a copy, replies, limits.
set local search_path = sealpost;

-- Keyed hash of the address under the installation's index key, so that one person is found in every organisation that
-- wrote to them (sign-in without a link). `address_index` stays under the organisation's own key.
alter table portal_person add column lookup_index bytea;
create index portal_person_lookup on portal_person (lookup_index);

create function find_portal_people(lookup bytea) returns table (organisation uuid, person uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select p.organisation, p.id from portal_person p where p.lookup_index = lookup order by p.id desc limit 20
$$;
revoke all on function find_portal_people(bytea) from public;
grant execute on function find_portal_people(bytea) to sealpost_app;

-- Sender, subject and date for lists, sealed under the copy's own key; destroyed with the copy.
alter table portal_copy add column summary bytea;

-- What a recipient answered, shown in their own thread: text and attachment names sealed under a key of its own, which
-- ends with the copy it answers. The reply itself travels as a message of the record.
create table portal_reply (
  id uuid primary key,
  organisation uuid not null,
  item uuid not null,
  person uuid not null,
  message uuid,
  object_key bytea not null,
  body bytea,
  state text not null default 'sending' check (state in ('sending', 'sent', 'refused')),
  created_at timestamptz not null default now(),
  destroyed_at timestamptz
);
create index portal_reply_item on portal_reply (organisation, item, id);
call tenant_table('portal_reply', 'select, insert, update', 'select, update');

-- How often something was tried, by keyed hash of what is limited: person, link, form address, network. The subject may
-- be nobody's (an address that is not known must behave like one that is), so a row belongs to no organisation.
create table portal_limit (
  key bytea primary key,
  used integer not null,
  ends_at timestamptz not null
);
create index portal_limit_ends on portal_limit (ends_at);
grant select, insert, update, delete on portal_limit to sealpost_app;

-- What nobody can use any more: codes, sessions, devices and limits past their end. Returns how many rows went.
create function sweep_portal(moment timestamptz) returns integer
language plpgsql security definer set search_path = sealpost, pg_temp as $$
declare gone integer; total integer := 0;
begin
  delete from portal_code where expires_at < moment - interval '1 day';
  get diagnostics gone = row_count; total := total + gone;
  delete from portal_session where expires_at < moment - interval '1 day';
  get diagnostics gone = row_count; total := total + gone;
  delete from portal_device where expires_at < moment - interval '1 day';
  get diagnostics gone = row_count; total := total + gone;
  delete from portal_limit where ends_at < moment - interval '1 day';
  get diagnostics gone = row_count; total := total + gone;
  return total;
end $$;
revoke all on function sweep_portal(timestamptz) from public;
grant execute on function sweep_portal(timestamptz) to sealpost_worker;
