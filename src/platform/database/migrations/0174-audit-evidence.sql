set local search_path = sealpost;

-- Reports of outside systems (firewall, intrusion detection) that are filed beside the log. What they say is sealed.
create table audit_evidence (
  id uuid primary key,
  organisation uuid not null,
  object_key bytea not null,
  source bytea not null,
  note bytea not null,
  file_name bytea not null,
  period_from text not null,
  period_until text not null,
  filed_by uuid not null,
  filed_at timestamptz not null,
  -- Null until the file has come.
  blob uuid,
  size bigint,
  content_hash bytea
);
create index audit_evidence_organisation on audit_evidence (organisation, id);
call tenant_table('audit_evidence', 'select, insert, update', '');
