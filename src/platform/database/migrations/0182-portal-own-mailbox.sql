-- Whether the mailbox of the person's own address, and no other, was proved: when a code was mailed, and by the session in which a
-- passkey or a device was kept. Only that reaches the messages of other organisations: a telephone, a question or a
-- further address is what one organisation has put on record. Expand only; unknown counts as no.
set local search_path = sealpost;

alter table portal_code add column own_mailbox boolean not null default false;
alter table portal_passkey add column own_mailbox boolean not null default false;
alter table portal_device add column own_mailbox boolean not null default false;
grant update (own_mailbox) on portal_passkey to sealpost_app;
