-- Conversations in the portal. An entry belongs to the conversation of what it answers (Message-ID, In-Reply-To and
-- References, RFC 5322 §3.6.4); `thread` is the id of the conversation's first entry, null where an entry is alone or of
-- before. Message-IDs are compared as keyed hashes under the organisation's index key, within one person's entries only.
-- Expand only: processes of the release before read and write on without the new columns.
set local search_path = sealpost;

alter table portal_item add column thread uuid;
alter table portal_item add column message_key bytea;
alter table portal_reply add column thread uuid;
alter table portal_reply add column message_key bytea;
create index portal_reply_person on portal_reply (organisation, person, id);
