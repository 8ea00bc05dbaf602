-- The secure start (OP-2): proofs that a sending domain is the organisation's own, and what people vouch for.
set local search_path = sealpost;

-- The token is published in DNS and so no secret.
create table domain_proof (
  organisation uuid not null,
  domain text not null,
  token text not null,
  proved_at timestamptz,
  checked_at timestamptz,
  outcome text,
  created_at timestamptz not null,
  primary key (organisation, domain)
);
call tenant_table('domain_proof', 'select, insert, update', 'select, update');

-- Something that a program cannot see, and a person says is so.
create table attestation (
  organisation uuid not null,
  code text not null,
  attested_by jsonb not null,
  attested_at timestamptz not null,
  withdrawn_at timestamptz,
  primary key (organisation, code)
);
call tenant_table('attestation', 'select, insert, update', '');
