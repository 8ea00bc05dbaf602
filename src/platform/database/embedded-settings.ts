/** The files that the launcher writes into the data directory at each start. */
export interface ServerFiles {
  readonly 'postgresql.conf': string;
  readonly 'pg_hba.conf': string;
  readonly 'pg_ident.conf': string;
}

export interface ServerSettings {
  readonly socketDirectory: string;
  /** Operating-system account that connects: ours. */
  readonly client: string;
  /** Major version of the programs: older ones do not know every setting. */
  readonly major: number;
  /** For throw-away clusters of tests only: no flush to disk. */
  readonly volatile: boolean;
}

/** Superuser of the embedded cluster; used for making roles and the database, never for work. */
export const SUPERUSER = 'postgres';
/** Login of the program: may become owner, app or worker, and has no rights before it does. */
export const LOGIN = 'sealpost';
export const DATABASE = 'sealpost';

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * Settings of the embedded server. Reached by a unix socket only, known by peer credentials only. Statements, their
 * parameters and error details never reach the server's log: they could hold what is not to be written in clear.
 */
export function serverFiles(settings: ServerSettings): ServerFiles {
  const conf = `# Written by Sealpost at each start. Put your own settings into local.conf beside this file.
listen_addresses = ''
port = 5432
unix_socket_directories = ${quote(settings.socketDirectory)}
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = '128MB'
work_mem = '16MB'
maintenance_work_mem = '64MB'
effective_cache_size = '512MB'
random_page_cost = 1.1
jit = off
max_parallel_workers_per_gather = 0
${settings.major >= 18 ? 'io_method = sync' : ''}

wal_level = replica
fsync = ${settings.volatile ? 'off' : 'on'}
synchronous_commit = ${settings.volatile ? 'off' : 'on'}
full_page_writes = ${settings.volatile ? 'off' : 'on'}
wal_buffers = '16MB'
min_wal_size = '128MB'
max_wal_size = '1GB'
checkpoint_timeout = '15min'
checkpoint_completion_target = 0.9
autovacuum_naptime = '15s'
idle_in_transaction_session_timeout = '60s'

timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
datestyle = 'ISO, MDY'
default_text_search_config = 'pg_catalog.simple'

logging_collector = off
log_destination = 'stderr'
log_line_prefix = '%m [%p] '
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_statement = none
log_min_duration_statement = -1
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_checkpoints = off
log_connections = off
log_disconnections = off
log_lock_waits = off
log_temp_files = -1
log_autovacuum_min_duration = -1

include_if_exists = 'local.conf'
`;
  const client = `"${settings.client}"`;
  return {
    'postgresql.conf': conf,
    'pg_hba.conf': 'local all all peer map=sealpost\nlocal replication all peer map=sealpost\n',
    'pg_ident.conf': `sealpost ${client} ${LOGIN}\nsealpost ${client} ${SUPERUSER}\n`,
  };
}

/** Address of the cluster in that socket directory, as that role. */
export function socketUrl(socketDirectory: string, role: string, database: string): string {
  return `postgresql://${role}@localhost:5432/${database}?host=${encodeURIComponent(socketDirectory)}`;
}
