-- Protected PDFs: ways of their passwords, size of their mails, and the state of a copy that is on its way. Expand only:
-- processes of the release before go on with agreed passwords and one mail.
set local search_path = sealpost;

-- How an organisation sends passwords, in the order in which the ways are tried, and how large a mail may be. No row: only
-- agreed passwords, 20 MB.
create table pdf_setting (
  organisation uuid primary key,
  channels text[] not null check (channels <@ array['agreed', 'text', 'portal'] and cardinality(channels) between 1 and 3),
  most_megabytes integer not null check (most_megabytes between 1 and 50),
  changed_by jsonb not null,
  changed_at timestamptz not null
);
call tenant_table('pdf_setting', 'select, insert, update', 'select');

-- A copy on its way whose password was made for it, or which travels in several mails. The row is written before the first
-- mail leaves, and goes in the transaction that records that all have arrived: a crash between never makes a second
-- password, nor repeats a mail that is on record as accepted. What never arrived goes some time after its message is given up.
create table pdf_sending (
  delivery uuid primary key,
  organisation uuid not null,
  channel text not null check (channel in ('agreed', 'text', 'portal')),
  password_id uuid not null,
  password bytea not null,
  -- Places of the attachments in each mail, such as [[0, 1], [2]]; null: one mail.
  plan jsonb,
  -- The mails that the peer has accepted: number, time, host, TLS version.
  done jsonb not null default '[]',
  keep_until timestamptz not null
);
create index pdf_sending_keep on pdf_sending (organisation, keep_until);
call tenant_table('pdf_sending', '', 'select, insert, update, delete');
