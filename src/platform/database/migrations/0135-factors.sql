set local search_path = sealpost;

-- Of passkeys: whether the key stays in one authenticator (null: made before this was kept, and not used since), and whether
-- the authenticator verified its holder when it was made.
alter table factor add column device_bound boolean;
alter table factor add column user_verified boolean not null default false;

-- What an organisation demands of people who sign in (ID-2). `rule` holds what differs from the usual; `demanded_since` is when
-- the demands were last raised: the days of grace are counted from it.
create table sign_in_policy (
  organisation uuid primary key,
  rule jsonb not null default '{}',
  demanded_since timestamptz not null default now(),
  changed_at timestamptz not null default now()
);
call tenant_table('sign_in_policy', 'select, insert, update', '');
-- Who is here already has the days of grace from the upgrade on; a new organisation has them from its founding.
insert into sign_in_policy (organisation) select id from organisation;
