-- What a portal session is held against at each request (ID-5): keyed marks of browser, system, network and country. Expand
-- only: null in sessions of the release before, which end within eight hours.
set local search_path = sealpost;

alter table portal_session add column circumstances bytea;
