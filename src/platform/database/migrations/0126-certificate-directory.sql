set local search_path = sealpost;

-- LDAP directories in which an organisation looks for recipients' certificates. Where it is and whom it is asked as says how
-- a hospital's network is built, so it is sealed like the password. What is found is stored nowhere.
create table certificate_directory (
  id uuid primary key,
  organisation uuid not null,
  settings bytea not null,
  password bytea,
  changed_at timestamptz not null
);
create index certificate_directory_organisation on certificate_directory (organisation);
call tenant_table('certificate_directory', 'select, insert, update, delete', 'select');
