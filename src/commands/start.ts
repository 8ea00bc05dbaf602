import { createLogger, loadConfig } from '#platform/runtime';
import { runSystem } from '../system/run-system.ts';

/** `sealpost start [--roles api,smtp,worker]`: runs until it is told to end. */
export async function start(args: readonly string[]): Promise<number> {
  const began = performance.now();
  const config = loadConfig(undefined, { SEALPOST_ROLES: optionOf(args, '--roles') });
  const logger = createLogger({ level: config.logLevel });
  const ended = untilTold();
  const system = await runSystem(config, logger);
  const { parts, servers } = system;
  const { ports } = servers;
  const lines = [
    `Sealpost is ready (${Math.round(performance.now() - began)} ms).`,
    ports.http === null ? null : `  Console and API   ${parts.addresses.console}`,
    ports.portal === null ? null : `  Recipients portal ${parts.addresses.portal}`,
    ports.submission === null
      ? null
      : `  SMTP submission   port ${ports.submission} (STARTTLS), ${ports.submissions} (TLS)`,
    `  Data and keys     ${config.home.root}`,
    parts.world.mode() === 'sandbox'
      ? '  Sandbox mode: only sandbox addresses can be reached, and sandbox mailboxes are kept in memory only.'
      : null,
    system.setupLink === null
      ? null
      : `\n  Set up the first administrator (valid for one day, works once):\n  ${system.setupLink}`,
  ];
  process.stdout.write(`${lines.filter((line) => line !== null).join('\n')}\n`);
  process.on('SIGHUP', () => servers.reloadCertificates());
  const signal = await ended;
  logger.info('stopping', { signal });
  process.stdout.write('Stopping: no new work is taken, what is under way ends …\n');
  await system.stop();
  process.stdout.write('Stopped.\n');
  return 0;
}

/** Resolves at the first signal, or when the process that started us has gone. A second signal ends at once. */
function untilTold(): Promise<string> {
  return new Promise((resolve) => {
    let told = false;
    const tell = (signal: string) => {
      if (told && signal !== 'disconnect') process.exit(130);
      told = true;
      resolve(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => tell(signal));
    process.on('disconnect', () => tell('disconnect'));
  });
}

export function optionOf(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}
