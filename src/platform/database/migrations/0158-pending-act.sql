set local search_path = sealpost;

-- Acts that an organisation wants a second person for: the request as it was sent, sealed, until somebody else approves it and
-- it is done once, or 72 hours are over. Which acts stands in the organisation's settings.
create table pending_act (
  id uuid primary key,
  organisation uuid not null,
  code text not null,
  route text not null,
  permission text not null,
  request bytea,
  asker uuid not null,
  asked_at timestamptz not null,
  expires_at timestamptz not null,
  state text not null default 'waiting'
    check (state in ('waiting', 'running', 'done', 'refused', 'failed', 'rejected', 'withdrawn')),
  decided_by uuid,
  decided_at timestamptz,
  refusal text,
  -- What the act answered, sealed; for the asker alone, who takes it once.
  answer bytea
);
create index pending_act_waiting on pending_act (organisation) where state = 'waiting';
call tenant_table('pending_act', 'select, insert, update', '');
