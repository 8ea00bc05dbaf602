-- Transport authentication: MTA-STS policies, results for TLS-RPT, REQUIRETLS.
set local search_path = sealpost;

-- MTA-STS policies as their domains published them (RFC 8461), shared by all processes and kept until they expire: a policy
-- that binds must outlive its announcement. Public facts of mail domains, the same for every organisation, so no row
-- belongs to one.
create table mta_sts_policy (
  domain text primary key,
  policy_id text not null,
  mode text not null check (mode in ('enforce', 'testing', 'none')),
  mx text[] not null,
  max_age integer not null check (max_age between 0 and 31557600),
  fetched_at timestamptz not null,
  expires_at timestamptz not null
);
create index mta_sts_policy_fetched on mta_sts_policy (fetched_at);
grant select, insert, update, delete on mta_sts_policy to sealpost_worker;

-- What came of TLS by day and destination, for the reports of RFC 8460. Connections are shared by organisations, and a
-- domain is told of all of them together, so no row belongs to one.
create table tls_result (
  day date not null,
  domain text not null,
  policy text not null check (policy in ('tlsa', 'sts', 'no-policy-found')),
  host text not null,
  result text not null,
  sessions bigint not null check (sessions > 0),
  primary key (day, domain, policy, host, result)
);
grant select, insert, update, delete on tls_result to sealpost_worker;

-- REQUIRETLS (RFC 8689) was said with the message.
alter table message add column require_tls boolean not null default false;
