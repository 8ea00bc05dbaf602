-- Outgoing reports of RFC 8460: one row per day and destination, so that a crash neither loses a day nor reports it anew.
set local search_path = sealpost;

-- Counts of a domain's mail servers, for all organisations together; no row belongs to one.
create table tls_report (
  day date not null,
  domain text not null,
  state text not null default 'due' check (state in ('due', 'sent', 'unwanted', 'failed')),
  -- JSON, gzipped, as it was first made: every try sends the same octets under the same report-id.
  report bytea,
  attempts integer not null default 0,
  due_at timestamptz not null,
  give_up_at timestamptz not null,
  primary key (day, domain)
);
create index tls_report_due on tls_report (due_at) where state = 'due';
grant select, insert, update, delete on tls_report to sealpost_worker;
