-- The operator runs the installation; that gives no right inside an organisation. The first person set up is one.
set local search_path = sealpost;

alter table identity add column operator boolean not null default false;
