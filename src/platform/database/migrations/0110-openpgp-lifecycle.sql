-- OpenPGP: the life of the organisation's own key, what an organisation believes on its own, and the age of what came by Autocrypt.
set local search_path = sealpost;

-- Of uses other than pgp these stay null. A retired key signs no more, but opens what was encrypted to it; it is published
-- until published_until. Processes of the release before look at retired_at alone, which says to them what it always did.
alter table signing_key add column expires_at timestamptz;
alter table signing_key add column published_until timestamptz;
alter table signing_key add column revoked_at timestamptz;
alter table signing_key add column revocation_reason text
  check (revocation_reason in ('compromised', 'superseded', 'retired'));
-- Since when its expiry could not be put off.
alter table signing_key add column extension_failed_at timestamptz;

-- The date of the mail that brought it, for keys that came by Autocrypt: an older mail does not undo a newer one.
alter table pgp_key add column seen_at timestamptz;

-- Which sources are believed at the first use of a key, and which keys wait until somebody vouches for them.
create table pgp_setting (
  organisation uuid primary key,
  wkd text not null default 'first-use' check (wkd in ('first-use', 'vouched')),
  hkps text not null default 'first-use' check (hkps in ('first-use', 'vouched')),
  portal text not null default 'first-use' check (portal in ('first-use', 'vouched')),
  autocrypt text not null default 'vouched' check (autocrypt in ('first-use', 'vouched')),
  changed_at timestamptz not null default now()
);
call tenant_table('pgp_setting', 'select, insert, update', 'select');
