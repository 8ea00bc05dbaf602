set local search_path = sealpost;

-- The console shows what waits for its place in the log.
grant select on audit_unordered to sealpost_app;

-- A checkpoint's statement is never changed; that it was witnessed is noted later.
revoke update on audit_checkpoint from sealpost_worker;
grant update (witnessed_at) on audit_checkpoint to sealpost_worker;

create index audit_checkpoint_unwitnessed on audit_checkpoint (organisation) where witnessed_at is null;

-- Organisations whose newest checkpoints no witness has taken yet (a crash or an outage in between): ids only.
create function audit_unwitnessed() returns setof uuid
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select distinct organisation from audit_checkpoint where witnessed_at is null
$$;
revoke all on function audit_unwitnessed() from public;
grant execute on function audit_unwitnessed() to sealpost_worker;

-- An entry has one place.
drop index audit_order_entry;
create unique index audit_order_entry on audit_order (organisation, entry);
