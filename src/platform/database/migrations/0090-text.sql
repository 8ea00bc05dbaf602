-- Text messages (SMS) to recipients, and what staff keep of a recipient: number, question, fallback. Expand only: processes of
-- the release before know none of these tables.
set local search_path = sealpost;

-- What an organisation knows of one recipient's address. The answer to the question is kept as a keyed hash under a key of the
-- vault and bound to its row: a date of birth can be guessed, so the key that a guess needs must not stand beside it.
create table recipient_record (
  id uuid primary key,
  organisation uuid not null,
  address_index bytea not null,
  address bytea not null,
  mobile bytea,
  challenge_kind text check (challenge_kind in ('date-of-birth', 'shared-secret')),
  challenge_prompt bytea,
  challenge_mac bytea,
  fallback_kind text check (fallback_kind in ('address', 'text', 'letter')),
  fallback_address bytea,
  fallback_same_person boolean not null default false,
  version integer not null default 1,
  changed_by jsonb not null,
  changed_at timestamptz not null,
  check ((challenge_kind is null) = (challenge_mac is null)),
  check ((fallback_kind is not distinct from 'address') = (fallback_address is not null))
);
create unique index recipient_record_address on recipient_record (organisation, address_index);
call tenant_table('recipient_record', 'select, insert, update, delete', 'select');

-- Numbers that said STOP. By number, not by recipient: it holds for whoever shares the telephone, and outlives the record.
create table text_stop (
  organisation uuid not null,
  number_index bytea not null,
  stopped_by jsonb not null,
  stopped_at timestamptz not null,
  primary key (organisation, number_index)
);
call tenant_table('text_stop', 'select, insert, delete', 'select, insert');

-- The queue of texts. Number and words stand here only until the text has ended; the row stays for limits and for the sender.
create table text_message (
  id uuid primary key,
  organisation uuid not null,
  kind text not null,
  -- What a notice is about; null for codes and passwords.
  message uuid,
  delivery uuid,
  number_index bytea not null,
  number bytea,
  body bytea,
  locale text not null,
  state text not null default 'queued' check (state in ('queued', 'sent', 'failed', 'expired')),
  attempts integer not null default 0,
  -- A gateway was asked and nothing has been written of it yet.
  in_hand boolean not null default false,
  -- Tries of which nobody knows whether the gateway took the text: after the second it is not tried again.
  unknown_fates integer not null default 0,
  last_code text,
  due_at timestamptz not null,
  give_up_at timestamptz not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  check ((state = 'queued') = (finished_at is null))
);
create index text_message_due on text_message (due_at) where state = 'queued';
create index text_message_number on text_message (organisation, number_index, created_at);
create index text_message_day on text_message (organisation, created_at);
create index text_message_delivery on text_message (organisation, delivery) where delivery is not null;
call tenant_table('text_message', 'select, insert', 'select, insert, update, delete');

-- Takes what is due, one organisation's as soon as another's; nobody else gets it until `leased`. Ids and the number of the try.
create function claim_texts(moment timestamptz, leased timestamptz, most integer)
returns table (organisation uuid, text uuid, attempt integer)
language sql volatile security definer set search_path = sealpost, pg_temp as $$
  with waiting as (
    select id, due_at, row_number() over (partition by t.organisation order by t.due_at, t.id) as place
    from text_message t where t.state = 'queued' and t.due_at <= moment
  ), chosen as (
    select t.id from text_message t join (select id, place, due_at from waiting order by place, due_at limit most) w on w.id = t.id
    where t.state = 'queued' and t.due_at <= moment for update of t skip locked
  )
  update text_message t set attempts = t.attempts + 1, due_at = leased, in_hand = true,
    unknown_fates = t.unknown_fates + t.in_hand::integer
  from chosen where t.id = chosen.id returning t.organisation, t.id, t.attempts
$$;
-- How many texts wait over all organisations: numbers only.
create function text_depth(moment timestamptz) returns table (due bigint, waiting bigint)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select count(*) filter (where t.due_at <= moment), count(*) filter (where t.due_at > moment)
  from text_message t where t.state = 'queued'
$$;
revoke all on function claim_texts(timestamptz, timestamptz, integer), text_depth(timestamptz) from public;
grant execute on function claim_texts(timestamptz, timestamptz, integer) to sealpost_worker;
grant execute on function text_depth(timestamptz) to sealpost_worker;

-- Where texts are handed over: an organisation's own gateway, or (under the nil organisation) the installation's.
create table text_gateway (
  organisation uuid primary key,
  base_url text not null,
  account text not null,
  token bytea not null,
  sender text not null,
  per_day integer not null,
  changed_by jsonb not null,
  changed_at timestamptz not null
);
call tenant_table('text_gateway', 'select, insert, update, delete', 'select');
