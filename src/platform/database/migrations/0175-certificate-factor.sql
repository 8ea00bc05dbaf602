set local search_path = sealpost;

-- A client certificate as a person's factor: the SHA-256 of its public key, and until when the one last seen is good.
alter table factor drop constraint factor_kind_check;
alter table factor add constraint factor_kind_check check (kind in ('totp', 'passkey', 'recovery-code', 'certificate'));
alter table factor add column certificate_key bytea;
alter table factor add column expires_at timestamptz;
-- A card is one person's; after its removal it may be enrolled anew.
create unique index factor_certificate on factor (certificate_key) where removed_at is null;
