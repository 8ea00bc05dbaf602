set local search_path = sealpost;

-- Two times that stood beside the log and that no signature covered: every column that is left in an entry's row is, and
-- in a checkpoint's all but the note of when the witness took it. The entry's own time is in its bytes, the checkpoint's
-- in its note.
alter table audit_entry drop column recorded_at;

drop trigger audit_checkpoint_stays on audit_checkpoint;
alter table audit_checkpoint drop column created_at;
create trigger audit_checkpoint_stays before delete or update of organisation, size, root, note
  on audit_checkpoint for each row execute function audit_stays();
