-- The list of messages by state and by method of protection, newest message first, from an index. One serves states in
-- place of the one by delivery id (which the release before can do without); the other is written once a method is known.
set local search_path = sealpost;

create index delivery_state_message on delivery (organisation, state, message);
create index delivery_method_message on delivery (organisation, method, message) where method is not null;
drop index delivery_state;
