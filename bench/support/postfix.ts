import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

/** Debian's place of the daemons. */
const DAEMONS = '/usr/lib/postfix/sbin';

export interface PostfixSpec {
  /** A directory of its own, on the disk that is to be measured. */
  readonly root: string;
  readonly port: number;
  readonly certificate: { readonly cert: string; readonly key: string };
  /** PEM file of the authority that the sink's certificate comes from. */
  readonly authorityFile: string;
  readonly domain: string;
  readonly sink: { readonly host: string; readonly port: number };
  /** Library to load into every daemon, for the injected flush time. */
  readonly preload: string | null;
  /** Port of a milter on loopback that signs; null: nothing is signed. */
  readonly signerPort: number | null;
}

export interface RunningPostfix {
  readonly version: string;
  readonly master: number;
  stop(): Promise<void>;
}

/** Why Postfix cannot be measured here, or null. */
export function postfixMissing(): string | null {
  if (!existsSync(join(DAEMONS, 'master'))) return 'it is not installed (Debian: apt-get install postfix)';
  if (process.getuid?.() !== 0) return 'it must be started by root';
  return null;
}

/**
 * At its best settings for this load: TLS connections kept and used again through tlsproxy, no in-flow delay, twenty
 * connections to the destination at once from the start, no client limits, no log, no chroot. It listens on loopback
 * and takes mail from there without AUTH, which costs it less than Sealpost's AUTH does.
 */
function mainSettings(spec: PostfixSpec): Record<string, string> {
  const { root, domain } = spec;
  return {
    compatibility_level: '3.6',
    queue_directory: join(root, 'spool'),
    data_directory: join(root, 'data'),
    command_directory: '/usr/sbin',
    daemon_directory: DAEMONS,
    meta_directory: '/etc/postfix',
    mail_owner: 'postfix',
    setgid_group: 'postdrop',
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    myhostname: 'relay.clinic.test',
    mydestination: '',
    mynetworks: '127.0.0.0/8',
    alias_maps: '',
    alias_database: '',
    local_recipient_maps: '',
    relay_domains: domain,
    smtpd_relay_restrictions: 'permit_mynetworks, reject',
    smtpd_recipient_restrictions: '',
    message_size_limit: '52428800',
    // In.
    smtpd_tls_security_level: 'encrypt',
    smtpd_tls_cert_file: join(root, 'server.pem'),
    smtpd_tls_key_file: join(root, 'server.key'),
    smtpd_client_connection_count_limit: '0',
    smtpd_client_connection_rate_limit: '0',
    smtpd_client_message_rate_limit: '0',
    smtpd_client_event_limit_exceptions: 'static:all',
    smtpd_peername_lookup: 'no',
    in_flow_delay: '0',
    default_process_limit: '100',
    // Out.
    transport_maps: `inline:{ ${domain}=smtp:[${spec.sink.host}]:${spec.sink.port} }`,
    smtp_dns_support_level: 'disabled',
    smtp_host_lookup: 'native',
    smtp_tls_security_level: 'secure',
    smtp_tls_secure_cert_match: 'nexthop',
    smtp_tls_CAfile: spec.authorityFile,
    smtp_tls_connection_reuse: 'yes',
    smtp_tls_session_cache_database: `btree:${join(root, 'data', 'smtp_scache')}`,
    smtp_connection_cache_on_demand: 'yes',
    // By name too: on demand alone, a rate that leaves pauses would cost a handshake for each message.
    smtp_connection_cache_destinations: `${domain}, [${spec.sink.host}]:${spec.sink.port}`,
    smtp_destination_concurrency_limit: '20',
    smtp_initial_destination_concurrency: '20',
    initial_destination_concurrency: '20',
    smtp_destination_recipient_limit: '1',
    ...(spec.signerPort === null
      ? {}
      : {
          smtpd_milters: `inet:127.0.0.1:${spec.signerPort}`,
          milter_default_action: 'tempfail',
        }),
    qmgr_message_active_limit: '20000',
    qmgr_message_recipient_limit: '20000',
    ...(spec.preload === null
      ? {}
      : { import_environment: `MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C LD_PRELOAD=${spec.preload}` }),
  };
}

const MASTER = `127.0.0.1:PORT inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsproxy unix - - n - 0 tlsproxy
postlog unix-dgram n - n - 1 postlogd
`;

/** Makes an instance with its own configuration, queue and data, and starts it. The machine's own is not touched. */
export async function startPostfix(spec: PostfixSpec): Promise<RunningPostfix> {
  const config = join(spec.root, 'etc');
  mkdirSync(config, { recursive: true });
  mkdirSync(join(spec.root, 'spool'));
  mkdirSync(join(spec.root, 'data'));
  chmodSync(spec.root, 0o755);
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postfix'], { encoding: 'utf8' }));
  chownSync(join(spec.root, 'data'), id('-u'), id('-g'));
  writeFileSync(join(spec.root, 'server.pem'), spec.certificate.cert);
  writeFileSync(join(spec.root, 'server.key'), spec.certificate.key, { mode: 0o600 });
  const settings = Object.entries(mainSettings(spec)).map(([name, value]) => `${name} = ${value}`);
  writeFileSync(join(config, 'main.cf'), `${settings.join('\n')}\n`);
  writeFileSync(join(config, 'master.cf'), MASTER.replace('PORT', String(spec.port)));
  execFileSync('postfix', ['-c', config, 'check'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const version = execFileSync('postconf', ['-c', config, '-h', 'mail_version'], { encoding: 'utf8' }).trim();

  const child = spawn(join(DAEMONS, 'master'), ['-c', config, '-d'], {
    stdio: 'ignore',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', MAIL_CONFIG: config },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const master = child.pid ?? 0;
  await untilListening(spec.port, () => child.exitCode !== null);
  return {
    version,
    master,
    async stop() {
      child.kill('SIGTERM'); // the master ends its daemons
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

async function untilListening(port: number, hasEnded: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (hasEnded()) throw new Error('Postfix did not start; see the system log');
    const answered = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.once('data', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('Postfix does not answer');
}
