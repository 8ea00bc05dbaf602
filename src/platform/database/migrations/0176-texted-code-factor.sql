set local search_path = sealpost;

-- A telephone to which codes are texted, as a person's factor. Its number is sealed in `secret`.
alter table factor drop constraint factor_kind_check;
alter table factor add constraint factor_kind_check
  check (kind in ('totp', 'passkey', 'recovery-code', 'certificate', 'texted-code'));
