-- Factors of the portal's sign-in (PO-1): what a session was proved with, the class that a message asks proofs for, the
-- limit of wrong answers, passkeys. Expand only: processes of the release before go on writing rows without these columns;
-- a session of theirs counts as a remembered device, a code as mailed, and a copy gets its class from its message.
set local search_path = sealpost;

alter table portal_session add column factors text[];
alter table portal_session add column passkey uuid;
alter table portal_code add column channel text check (channel in ('mail', 'text'));

alter table portal_copy add column class text check (class in ('ordinary', 'light', 'high'));
update portal_copy c set class = m.class from message m where m.id = c.message;

-- A copy without a class is one that the release before writes: its message says it. Where no message does, it is guarded.
create function portal_copy_class() returns trigger language plpgsql set search_path = sealpost, pg_temp as $$
begin
  if new.class is null then
    new.class := coalesce((select m.class from message m where m.id = new.message), 'high');
  end if;
  return new;
end $$;
revoke all on function portal_copy_class() from public;
create trigger portal_copy_class before insert on portal_copy for each row execute function portal_copy_class();

alter table portal_item add column wrong_answers integer not null default 0;
alter table portal_item add column locked_at timestamptz;
alter table portal_item add column unprovable_reported_at timestamptz;

-- Passkeys: what is kept is public by itself. `lookup_index` finds them over organisations by the keyed hash of the address.
create table portal_passkey (
  id uuid primary key,
  organisation uuid not null,
  person uuid not null,
  lookup_index bytea,
  credential_id bytea not null unique,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null default '{}',
  added_after text not null check (added_after in ('passkey', 'passkey-after-mail', 'passkey-after-text')),
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  ended_at timestamptz
);
create index portal_passkey_person on portal_passkey (organisation, person, id) where ended_at is null;
create index portal_passkey_lookup on portal_passkey (lookup_index) where ended_at is null;
call tenant_table('portal_passkey', 'select, insert', 'select');
grant update (counter, added_after, last_used_at, ended_at) on portal_passkey to sealpost_app;

-- From a credential's id to organisation and row; ids only.
create function find_portal_passkey(credential bytea) returns table (organisation uuid, passkey uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select k.organisation, k.id from portal_passkey k where k.credential_id = credential and k.ended_at is null
$$;
revoke all on function find_portal_passkey(bytea) from public;
grant execute on function find_portal_passkey(bytea) to sealpost_app;

create index portal_device_person on portal_device (organisation, person, id);
create index portal_session_person on portal_session (organisation, person, id);
