set local search_path = sealpost;

-- Passwords of protected PDFs that wait for their recipients in the portal, each sealed with what it belongs to under a key
-- of its own. Emptied when its time is over, or when the message is taken back.
create table portal_pdf_password (
  id uuid primary key,
  organisation uuid not null,
  person uuid not null,
  message uuid not null,
  delivery uuid not null,
  object_key bytea not null,
  sealed bytea,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  first_shown_at timestamptz
);
create unique index portal_pdf_password_delivery on portal_pdf_password (delivery);
create index portal_pdf_password_person on portal_pdf_password (organisation, person, id desc);
create index portal_pdf_password_message on portal_pdf_password (organisation, message);
create index portal_pdf_password_expires on portal_pdf_password (organisation, expires_at) where sealed is not null;
call tenant_table('portal_pdf_password', 'select, update', 'select, insert, update');
