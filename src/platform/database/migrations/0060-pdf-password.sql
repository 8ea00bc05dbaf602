set local search_path = sealpost;

-- Passwords that an organisation has agreed with single recipients, for the protected PDF. The address is found by its
-- keyed hash and shown from its sealed form; the password is opened by the worker at delivery only.
create table pdf_password (
  id uuid primary key,
  organisation uuid not null,
  address_index bytea not null,
  address bytea not null,
  password bytea not null,
  changed_by jsonb not null,
  changed_at timestamptz not null
);
create unique index pdf_password_address on pdf_password (organisation, address_index);
call tenant_table('pdf_password', 'select, insert, update, delete', 'select');
