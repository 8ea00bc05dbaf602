-- Failed pickups (PO-6): a copy that nobody opened for some days is reported to its sender, once. The days are the
-- organisation's (`unreadNoticeDays` of its settings, 0: never), else 3.
set local search_path = sealpost;

alter table portal_item add column unread_reported_at timestamptz;
create index portal_item_unread on portal_item (created_at) where state = 'waiting' and unread_reported_at is null;
-- What waited for long before this release is left in peace: nobody gets a heap of reports at an upgrade.
update portal_item set unread_reported_at = now() where state = 'waiting' and created_at < now() - interval '3 days';

-- Copies whose sender is to be told: ids only.
create function unread_portal_items(moment timestamptz, most integer) returns table (organisation uuid, item uuid)
language sql stable security definer set search_path = sealpost, pg_temp as $$
  select i.organisation, i.id
  from portal_item i join organisation o on o.id = i.organisation,
    lateral (select case when o.settings ->> 'unreadNoticeDays' ~ '^\d{1,3}$'
      then (o.settings ->> 'unreadNoticeDays')::integer else 3 end as days) notice
  where i.state = 'waiting' and i.unread_reported_at is null and i.expires_at > moment and notice.days > 0
    and i.created_at <= moment - make_interval(days => notice.days)
  order by i.created_at limit most
$$;
revoke all on function unread_portal_items(timestamptz, integer) from public;
grant execute on function unread_portal_items(timestamptz, integer) to sealpost_worker;
