import { createLogger, describeFault, type Logger, loadConfig } from '#platform/runtime';
import { type RunningSystem, runSystem } from '../system/run-system.ts';
import { WrongWords } from './wrong-words.ts';

/** `sealpost start [--roles api,smtp,worker]`: runs until it is told to end. */
export async function start(args: readonly string[]): Promise<number> {
  const began = performance.now();
  const config = loadConfig(undefined, { SEALPOST_ROLES: rolesIn(args) });
  const logger = createLogger({ level: config.logLevel });
  const telling = untilTold(logger);
  let system: RunningSystem;
  try {
    system = await runSystem(config, logger);
  } catch (error) {
    const early = telling.told();
    if (early === null) throw error;
    // Ctrl-C reaches PostgreSQL's initdb as well: what failed then is no news.
    logger.info('stopped-while-starting', { ...describeFault(error), signal: early });
    process.stdout.write('Stopped before it was ready.\n');
    return 130;
  }
  if (!process.stdin.isTTY) process.on('SIGHUP', () => system.servers.reloadCertificates());
  process.stdout.write(`${greeting(system, performance.now() - began)}\n`);
  const signal = await telling.ended;
  logger.info('stopping', { signal });
  process.stdout.write('Stopping: no new work is taken, what is under way ends …\n');
  await system.stop();
  process.stdout.write('Stopped.\n');
  return signal === 'fault' ? 1 : 0;
}

function rolesIn(args: readonly string[]): string | undefined {
  const [option, roles, ...more] = args;
  if (option === undefined) return undefined;
  if (option !== '--roles' || roles === undefined || more.length > 0) {
    throw new WrongWords(
      'start takes --roles and a list of api, smtp, worker; all else is set in the environment.',
    );
  }
  return roles;
}

function greeting({ parts, servers, setupLink }: RunningSystem, tookMs: number): string {
  const { config } = parts.foundation;
  const { ports } = servers;
  const at = (address: string, port: number): string => {
    const scheme = config.tls.http === undefined ? 'http' : 'https';
    const own = `${scheme}://${config.listen.address}:${port}`;
    return address === `${scheme}://localhost:${port}` ? address : `${address}  listening on ${own}`;
  };
  const lines = [
    `Sealpost is ready (${Math.round(tookMs)} ms).`,
    ports.http === null ? null : `  Console and API   ${at(parts.addresses.console, ports.http)}`,
    ports.portal === null ? null : `  Recipients portal ${at(parts.addresses.portal, ports.portal)}`,
    ports.submission === null
      ? null
      : `  SMTP submission   port ${ports.submission} (STARTTLS), ${ports.submissions} (TLS)${config.tls.smtp === undefined ? ', with a certificate of its own that clients cannot verify' : ''}`,
    ports.health === null
      ? null
      : `  Health, metrics   http://${config.listen.health.address}:${ports.health}/health/ready`,
    `  Data and keys     ${config.home.root}`,
    parts.world.mode() === 'sandbox'
      ? '  Sandbox mode: only sandbox addresses can be reached, and sandbox mailboxes are kept in memory only.'
      : null,
    parts.world.mode() === 'live' && config.validatingDns === undefined
      ? '  DANE is off: SEALPOST_DNS_VALIDATING names no resolver that validates DNSSEC.'
      : null,
    setupLink === null
      ? null
      : `\n  Set up the first administrator (valid for one day, works once):\n  ${setupLink}`,
  ];
  return lines.filter((line) => line !== null).join('\n');
}

interface Telling {
  /** Resolves at the first signal, at a fault that nobody caught, or when the process that started us has gone. */
  readonly ended: Promise<string>;
  /** What it was, null while nothing has happened. */
  told(): string | null;
}

/** A second signal ends at once. */
function untilTold(logger: Logger): Telling {
  let what: string | null = null;
  const ended = new Promise<string>((resolve) => {
    const tell = (signal: string) => {
      what ??= signal;
      resolve(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (what === 'SIGINT' || what === 'SIGTERM') process.exit(130);
        tell(signal);
      });
    }
    // A closed terminal ends what runs in it; without one the same signal asks for the certificates to be read again.
    if (process.stdin.isTTY) process.on('SIGHUP', () => tell('SIGHUP'));
    process.on('disconnect', () => tell('disconnect'));
    // Whoever read our output has gone: no reason to fall over in the middle of the work.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
    // Node would print the error's text, which may quote what nobody should read.
    process.on('uncaughtException', (error) => {
      logger.error('uncaught-fault', describeFault(error));
      tell('fault');
    });
  });
  return { ended, told: () => what };
}
