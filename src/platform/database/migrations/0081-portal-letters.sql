-- Letters: what a recipient writes to the organisation without answering a message. They stand in portal_reply with no item,
-- begin a conversation, and end by a time of their own. Expand only: the release before writes replies with an item.
set local search_path = sealpost;

alter table portal_reply alter column item drop not null;
alter table portal_reply add column expires_at timestamptz;
create index portal_reply_expiry on portal_reply (expires_at) where item is null and destroyed_at is null;

-- Letters whose time is over, for the sweeper: ids only.
create function expired_portal_letters(moment timestamptz, most integer) returns table (organisation uuid, reply uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select r.organisation, r.id from portal_reply r
  where r.item is null and r.destroyed_at is null and r.expires_at <= moment order by r.expires_at limit most
$$;
revoke all on function expired_portal_letters(timestamptz, integer) from public;
grant execute on function expired_portal_letters(timestamptz, integer) to sealpost_worker;
