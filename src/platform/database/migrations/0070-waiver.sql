set local search_path = sealpost;

-- Recipients who were told of the risk and asked for plain mail (SL-12). A record is ended, never deleted: what was shown to
-- whom, and when, is documentation that is kept (45 CFR 164.316(b)(2)). One open record an address at most, so that a
-- withdrawal always ends the wish.
create table waiver (
  id uuid primary key,
  organisation uuid not null,
  address_index bytea not null,
  address bytea not null,
  shown_text bytea not null,
  language text not null,
  recorded_by jsonb not null,
  recorded_at timestamptz not null,
  expires_at timestamptz not null,
  ended_as text check (ended_as in ('withdrawn', 'replaced')),
  ended_by jsonb,
  ended_at timestamptz,
  check ((ended_as is null) = (ended_at is null) and (ended_as is null) = (ended_by is null)),
  check (expires_at > recorded_at)
);
create unique index waiver_open on waiver (organisation, address_index) where ended_at is null;
create index waiver_newest on waiver (organisation, id desc);
call tenant_table('waiver', 'select, insert', 'select');
-- What was recorded stays as it was; only its end is added.
grant update (ended_as, ended_by, ended_at) on waiver to sealpost_app;
