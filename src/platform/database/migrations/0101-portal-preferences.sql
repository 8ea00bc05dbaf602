-- What recipients decide for themselves in the portal (PO-5): a certificate may come from its owner. Expand only.
set local search_path = sealpost;

-- A certificate that its owner handed in, signed in to the portal. The wider check is put beside the old one before that
-- one goes, so that no moment is without.
alter table recipient_certificate add constraint recipient_certificate_source
  check (source in ('upload', 'signed-mail', 'directory', 'portal'));
alter table recipient_certificate drop constraint recipient_certificate_source_check;
