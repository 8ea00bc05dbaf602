import {
  AlreadyRunning,
  DatabaseNotStarted,
  DatabaseUnavailable,
  MoveRefused,
  SchemaMismatch,
  WrongMajorVersion,
} from '#platform/database';
import { ConfigProblem, describeFault } from '#platform/runtime';
import { KeyMissing, KeyServiceUnavailable, RootKeyWrong } from '#platform/vault';
import { analyseDomainCommand, analyseHeadersCommand } from './commands/analyse.ts';
import { demo } from './commands/demo.ts';
import {
  auditVerify,
  databaseMove,
  inspectMessage,
  inspectReason,
  keysKit,
  keysRestore,
  keysRotate,
  keysTlsReports,
  migrateCommand,
} from './commands/maintain.ts';
import { proofVerify } from './commands/proof.ts';
import { start } from './commands/start.ts';
import { usage } from './commands/usage.ts';
import { auditVerifyExport } from './commands/verify-export.ts';
import { WrongWords } from './commands/wrong-words.ts';
import { CannotListen } from './system/cannot-listen.ts';
import { VERSION } from './system/version.ts';

/** Faults whose text is written for the operator. */
const WORDED = [
  AlreadyRunning,
  CannotListen,
  ConfigProblem,
  DatabaseNotStarted,
  KeyMissing,
  KeyServiceUnavailable,
  MoveRefused,
  RootKeyWrong,
  SchemaMismatch,
  WrongMajorVersion,
  WrongWords,
];

async function run([command = 'help', ...args]: readonly string[]): Promise<number> {
  const [verb] = args;
  switch (command) {
    case 'start':
      return start(args);
    case 'demo':
      return demo();
    case 'migrate':
      return migrateCommand();
    case 'database':
      if (verb === 'move') return databaseMove(args.slice(1));
      break;
    case 'audit':
      if (verb === 'verify') return auditVerify(args.slice(1));
      if (verb === 'verify-export') return auditVerifyExport(args.slice(1));
      break;
    case 'keys':
      if (verb === 'rotate') return keysRotate(args.slice(1));
      if (verb === 'kit') return keysKit();
      if (verb === 'tls-reports') return keysTlsReports();
      if (verb === 'restore') return keysRestore(args.slice(1));
      break;
    case 'analyse':
      if (verb === 'headers') return analyseHeadersCommand(args.slice(1));
      if (verb === 'domain') return analyseDomainCommand(args.slice(1));
      break;
    case 'proof':
      if (verb === 'verify') return proofVerify(args.slice(1));
      break;
    case 'inspect':
      if (verb === 'message') return inspectMessage(args.slice(1));
      if (verb === 'reason') return inspectReason(args.slice(1));
      break;
    case 'version':
      process.stdout.write(`${VERSION}\n`);
      return 0;
    case 'help':
      process.stdout.write(usage());
      return 0;
  }
  process.stderr.write(`sealpost: there is no command "${[command, ...args].join(' ')}".\n\n${usage()}`);
  return 2;
}

/** Texts for operators as they are; anything else without its message, which may hold what nobody should read. */
function tell(error: unknown): void {
  if (WORDED.some((kind) => error instanceof kind) && error instanceof Error) {
    process.stderr.write(`sealpost: ${error.message}\n`);
    return;
  }
  if (error instanceof DatabaseUnavailable) {
    process.stderr.write(
      `sealpost: the database cannot be reached (${error.code}). Check DATABASE_URL and that its server runs.\n`,
    );
    return;
  }
  const fault = describeFault(error);
  process.stderr.write(`sealpost: a fault ended the command: ${JSON.stringify(fault)}\n`);
}

process.channel?.unref();
try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  tell(error);
  process.exitCode = 1;
}
// Whatever still holds the event loop (a kept-alive socket) must not keep a finished command.
setTimeout(() => process.exit(), 1_000).unref();
