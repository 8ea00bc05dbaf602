-- OpenPGP: the organisation's own key (a use of signing_key), and the keys of its recipients.
set local search_path = sealpost;

alter table signing_key drop constraint signing_key_use_check;
alter table signing_key add constraint signing_key_use_check check (use in ('dkim', 'proof', 'audit', 'pgp'));

-- One row a key and address. A public key names its owner, and a fingerprint leads to the key on any key server: both are
-- sealed, and found by keyed hashes. One key of an address is trusted; what else is known waits or stays as a memory.
create table pgp_key (
  id uuid primary key,
  organisation uuid not null,
  address_index bytea not null,
  address bytea not null,
  fingerprint_index bytea not null,
  material bytea not null,
  source text not null check (source in ('console', 'portal', 'wkd', 'hkps', 'autocrypt')),
  state text not null check (state in ('trusted', 'pending', 'replaced', 'rejected', 'revoked')),
  -- Who vouched for it; null for a key that was pinned at its first use.
  vouched_by jsonb,
  vouched_at timestamptz,
  expires_at timestamptz,
  -- When its source was last asked for a newer copy.
  checked_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now()
);
create unique index pgp_key_trusted on pgp_key (organisation, address_index) where state = 'trusted';
create unique index pgp_key_once on pgp_key (organisation, address_index, fingerprint_index);
call tenant_table('pgp_key', 'select, insert, update, delete', 'select, insert, update');

-- What the last look-up for an address found, so that a missing key is not asked for with every message.
create table pgp_lookup (
  organisation uuid not null,
  address_index bytea not null,
  outcome text not null check (outcome in ('found', 'none', 'failed')),
  looked_at timestamptz not null,
  primary key (organisation, address_index)
);
create index pgp_lookup_age on pgp_lookup (organisation, looked_at);
call tenant_table('pgp_lookup', 'select, insert, update', 'select, insert, update, delete');
