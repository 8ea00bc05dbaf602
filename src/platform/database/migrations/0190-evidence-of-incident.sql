set local search_path = sealpost;

-- The incident that a filed report of an outside system tells more of, where it is one's.
alter table audit_evidence add column incident uuid;
create index audit_evidence_incident on audit_evidence (organisation, incident, id) where incident is not null;
