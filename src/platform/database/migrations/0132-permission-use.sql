set local search_path = sealpost;

-- How often a person used a permission on a day (UTC), for the report of what is never used (ID-1). Counted in memory and
-- written in sets: at most a minute is lost when a process dies.
create table permission_use (
  organisation uuid not null,
  identity uuid not null,
  permission text not null,
  day date not null,
  uses bigint not null,
  primary key (organisation, identity, permission, day)
);
create index permission_use_day on permission_use (organisation, day);
call tenant_table('permission_use', 'select, insert, update', 'select, delete');
