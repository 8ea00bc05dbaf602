set local search_path = sealpost;

-- What somebody should be told of sign-ins as them: counted for a day by the index of the address that was typed, which may be nobody's, so
-- that the same is written whoever exists. The worker tells those who do.
create table sign_in_trouble (
  account_index bytea not null,
  kind text not null check (kind in ('failed-tries', 'factor-failed', 'new-device')),
  count integer not null,
  window_ends_at timestamptz not null,
  told_at timestamptz,
  primary key (account_index, kind)
);
grant select, insert, update, delete on sign_in_trouble to sealpost_app, sealpost_worker;
