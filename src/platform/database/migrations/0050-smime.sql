-- S/MIME: certificates of recipients, roots that an organisation trusts, its own signing certificate, its choices.
set local search_path = sealpost;

-- A certificate holds its owner's name and address, so it is sealed like them. The fingerprint is kept as a keyed hash:
-- whoever has the certificate from elsewhere must not find out here whose correspondent its owner is.
create table recipient_certificate (
  id uuid primary key,
  organisation uuid not null,
  address_index bytea not null,
  address bytea not null,
  -- The certificate and what stands between it and its root, DER one behind the other.
  certificate bytea not null,
  fingerprint_index bytea not null,
  source text not null check (source in ('upload', 'signed-mail', 'directory')),
  -- Algorithms that its owner's software has said it reads, as dotted object identifiers.
  capabilities text[] not null default '{}',
  created_at timestamptz not null default now()
);
create unique index recipient_certificate_address
  on recipient_certificate (organisation, address_index, fingerprint_index);
call tenant_table('recipient_certificate', 'select, insert, update, delete', 'select');

-- An anchor may be a person's own certificate, trusted by itself: sealed too.
create table trust_anchor (
  id uuid primary key,
  organisation uuid not null,
  certificate bytea not null,
  fingerprint_index bytea not null,
  created_at timestamptz not null default now()
);
create unique index trust_anchor_fingerprint on trust_anchor (organisation, fingerprint_index);
call tenant_table('trust_anchor', 'select, insert, delete', 'select');

-- At most one in use; those before it stay, because what they signed is still out there.
create table smime_identity (
  id uuid primary key,
  organisation uuid not null,
  certificate bytea not null,
  private_key bytea not null,
  created_at timestamptz not null default now(),
  retired_at timestamptz
);
create unique index smime_identity_in_use on smime_identity (organisation) where retired_at is null;
call tenant_table('smime_identity', 'select, insert, update', 'select');

create table smime_setting (
  organisation uuid primary key,
  revocation text not null default 'soft' check (revocation in ('soft', 'hard')),
  cipher text not null default 'auto' check (cipher in ('auto', 'gcm', 'cbc')),
  key_transport text not null default 'auto' check (key_transport in ('auto', 'oaep', 'pkcs1')),
  signature text not null default 'clear' check (signature in ('clear', 'opaque', 'none')),
  changed_at timestamptz not null default now()
);
call tenant_table('smime_setting', 'select, insert, update', 'select');
