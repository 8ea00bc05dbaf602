import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { auditReferenceBinding } from '#core/audit-reference';
import { INSTALLATION, isUuid, type MessageId, type OrganisationId } from '#core/ids';
import { borrowEmbedded, type MoveEnd, migrate, moveDatabase } from '#platform/database';
import { dnsRecord } from '#platform/keyring';
import {
  type AttemptViewRow,
  attemptsOf,
  type DeliveryViewRow,
  deliveriesOf,
  type MessageListRow,
  messagesById,
} from '#platform/record';
import { type Config, createLogger, loadConfig } from '#platform/runtime';
import { type Restored, restoreFromRecoveryKit, rotateKeys } from '#platform/vault';
import { type Foundation, openFoundation } from '../system/foundation.ts';
import { tlsReportKeys } from '../system/tls-reporter.ts';
import { optionOf, WrongWords } from './wrong-words.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);

/** Opens the rooms beside a running installation, or with a database started for the while. */
export async function withFoundation<T>(work: (foundation: Foundation) => Promise<T>): Promise<T> {
  const config = loadConfig();
  const logger = createLogger({ level: 'warn' });
  const borrowed =
    config.database.url === undefined ? await borrowEmbedded({ home: config.home, logger }) : null;
  try {
    const url = config.database.url ?? borrowed?.url;
    const foundation = await openFoundation({ ...config, database: { ...config.database, url } }, logger);
    try {
      return await work(foundation);
    } finally {
      await foundation.close();
    }
  } finally {
    await borrowed?.stop();
  }
}

export function organisationOf(args: readonly string[]): OrganisationId | null {
  const id = optionOf(args, '--organisation');
  if (id === undefined) return null;
  if (!isUuid(id))
    throw new WrongWords('--organisation takes an id, as the console shows it under Organisation.');
  return id as OrganisationId;
}

export async function migrateCommand(): Promise<number> {
  const config = loadConfig();
  const logger = createLogger({ level: 'warn' });
  const borrowed =
    config.database.url === undefined ? await borrowEmbedded({ home: config.home, logger }) : null;
  try {
    const report = await migrate({ url: config.database.url ?? borrowed?.url ?? '', logger });
    say(report.applied.length === 0 ? 'The schema is up to date.' : `Applied: ${report.applied.join(', ')}`);
    return 0;
  } finally {
    await borrowed?.stop();
  }
}

export async function databaseMove(args: readonly string[]): Promise<number> {
  const config = loadConfig();
  const to = optionOf(args, '--to');
  if (to === undefined) throw new WrongWords('database move needs --to <home directory or postgres://…>.');
  const from = optionOf(args, '--from');
  const binaries = optionOf(args, '--binaries');
  const source: MoveEnd =
    from === undefined && config.database.url !== undefined
      ? { kind: 'url', url: config.database.url }
      : { ...end(from ?? config.home.root, config), ...(binaries === undefined ? {} : { binaries }) };
  const moved = await moveDatabase({
    from: source,
    to: end(to, config),
    logger: createLogger({ level: 'info' }),
  });
  for (const table of moved)
    say(`${table.name.padEnd(28)} ${String(table.rows).padStart(9)} rows  ${table.sha256}`);
  say('The copy is complete and equal. Blobs and keys are files of the home directory: copy them yourself.');
  return 0;
}

function end(text: string, config: Config): MoveEnd {
  if (/^postgres(ql)?:\/\//.test(text)) return { kind: 'url', url: text };
  const root = resolve(text);
  const home = root === config.home.root ? config.home : loadConfig({}, { SEALPOST_HOME: root }).home;
  return { kind: 'home', home };
}

export async function auditVerify(args: readonly string[]): Promise<number> {
  return withFoundation(async ({ audit, access }) => {
    const only = organisationOf(args);
    // Acts on the installation itself (set-up, sign-in, going live) have a log of their own.
    const organisations = only === null ? [INSTALLATION, ...(await access.organisations.ids())] : [only];
    let sound = true;
    for (const organisation of organisations) {
      const found = await audit.verify(organisation, {
        onProgress: (done, total) => process.stderr.write(`\r${organisation}  ${done} of ${total}`),
      });
      process.stderr.write('\r');
      const witness = found.witness === 'present' ? `witnessed to ${found.witnessedSize ?? 0}` : 'NO WITNESS';
      say(
        `${organisation}  ${found.ok ? 'sound' : 'DAMAGED'}  ${found.size} entries, signed to ${found.signedSize}, ${witness}, ${Math.round(found.durationMs)} ms`,
      );
      for (const one of found.findings) {
        say(
          `  ${one.kind}  position ${one.from ?? '-'} to ${one.to ?? '-'}  (${one.count})  ${one.entries.join(' ')}`,
        );
      }
      sound &&= found.ok;
    }
    return sound ? 0 : 1;
  });
}

export async function keysRotate(args: readonly string[]): Promise<number> {
  return withFoundation(async ({ vault, audit, database }) => {
    const organisation = organisationOf(args);
    const scope = organisation === null ? INSTALLATION : organisation;
    // If this cannot be written, nothing is rotated.
    await database.tenant([scope], 'app', (tx) =>
      audit.append(tx, cliEntry(scope, 'keys.rotation-begun', { everything: organisation === null })),
    );
    const report = await rotateKeys(
      vault,
      organisation === null ? { kind: 'everything' } : { kind: 'organisation', organisation },
    );
    for (const id of report.organisations.keys()) {
      await database.tenant([id], 'app', (tx) => audit.append(tx, cliEntry(id, 'keys.rotated', {})));
      say(`${id}  organisation key rotated`);
    }
    if (report.root) say('Root key rotated. Make a new recovery kit: sealpost keys kit');
    return 0;
  });
}

/** What DNS must publish before TLS reports are believed: their DKIM keys, made here where they are not there yet. */
export async function keysTlsReports(): Promise<number> {
  return withFoundation(async ({ config, database, keyring }) => {
    if (config.tlsReports === undefined) {
      say('No TLS reports are sent: SEALPOST_TLS_REPORT_DOMAIN is not set.');
      return 1;
    }
    const { domain } = config.tlsReports;
    for (const key of await tlsReportKeys({ database, keyring }, domain)) {
      const { name, strings } = dnsRecord({ ...key, service: 'tlsrpt:email' });
      say(`${name}. TXT ${strings.map((text) => `"${text}"`).join(' ')}`);
    }
    return 0;
  });
}

export async function keysKit(): Promise<number> {
  return withFoundation(async ({ vault, audit, database }) => {
    await database.tenant([INSTALLATION], 'app', (tx) =>
      audit.append(tx, cliEntry(INSTALLATION, 'recovery-kit.issued', {})),
    );
    const kit = await vault.makeRecoveryKit();
    if (kit === null) {
      say('The root key is kept by a key service: its own backup is the recovery kit.');
      return 1;
    }
    say(kit.text);
    say(`Recovery code, to be kept apart from the kit: ${kit.code}`);
    return 0;
  });
}

export async function keysRestore(args: readonly string[]): Promise<number> {
  const [file] = args;
  const code = optionOf(args, '--code');
  if (file === undefined || code === undefined)
    throw new WrongWords('keys restore needs <kit file> and --code.');
  const config = loadConfig();
  const restored = await restoreFromRecoveryKit(
    readFileSync(file, 'utf8'),
    code,
    config.home.keys,
    config.rootKey.provider === 'file' ? { rootKeyFile: config.rootKey.path } : {},
  );
  say(restoredText(restored));
  return restored.kind === 'restored' ? 0 : 1;
}

function restoredText(restored: Restored): string {
  switch (restored.kind) {
    case 'restored':
      return `The root key is back: ${restored.path} (${restored.keys} key${restored.keys === 1 ? '' : 's'}).`;
    case 'no-kit':
      return 'That file holds no recovery kit.';
    case 'line-mistyped':
      return `Line ${restored.line} of the kit is mistyped: compare it with the print.`;
    case 'code-mistyped':
      return 'The recovery code is mistyped: it has seven groups of four.';
    case 'code-wrong':
      return 'The recovery code does not open this kit.';
    case 'other-keys':
      return "The kit belongs to another installation's keys. Nothing was changed.";
    case 'outdated':
      return 'The root key was rotated after this kit was made. Use a newer kit. Nothing was changed.';
    case 'file-exists':
      return `There is a root key already: ${restored.path}. Nothing was changed.`;
  }
}

/** What is on record of a message, without content, subject or addresses; the look itself is on record with its reason. */
export async function inspectMessage(args: readonly string[]): Promise<number> {
  const [id] = args;
  const organisation = organisationOf(args);
  const reason = optionOf(args, '--reason');
  if (id === undefined || !isUuid(id) || organisation === null || !reason || reason.includes('@')) {
    throw new WrongWords('inspect message needs <ID>, --organisation and --reason "…" (without addresses).');
  }
  return withFoundation(async ({ database, audit, vault }) => {
    // What people write as a reason may name a patient: sealed, and only its hash enters the log.
    const binding = auditReferenceBinding(organisation, [{ kind: 'message', id }]);
    const text = JSON.stringify({ reason: reason.slice(0, 200) });
    const sealedReference = await vault.sealValue('record', binding, text);
    const found = await database.tenant([organisation], 'app', async (tx) => {
      const [row] = await messagesById(tx, [id as MessageId]);
      const subjects = [{ kind: 'message', id }];
      await audit.append(tx, {
        ...cliEntry(organisation, 'message.inspected', {}),
        subjects,
        sealedReference,
      });
      if (!row) return null;
      const deliveries = await deliveriesOf(tx, [row.id]);
      const attempts = await attemptsOf(
        tx,
        deliveries.map((one) => one.id),
      );
      return { row, deliveries, attempts };
    });
    if (found === null) {
      say('There is no such message in this organisation.');
      return 1;
    }
    // Shown only now: what was looked at is on record, durably.
    showMessage(found);
    return 0;
  });
}

interface InspectedMessage {
  readonly row: MessageListRow;
  readonly deliveries: readonly DeliveryViewRow[];
  readonly attempts: readonly AttemptViewRow[];
}

function showMessage({ row, deliveries, attempts }: InspectedMessage): void {
  const { id: message, source, stream, class: sensitivity, state, size, recipients, accepted_at } = row;
  say(
    JSON.stringify(
      { message, source, stream, class: sensitivity, state, size, recipients, accepted_at },
      null,
      2,
    ),
  );
  for (const one of deliveries) {
    const tries = attempts.filter((attempt) => attempt.delivery === one.id);
    say(
      JSON.stringify({
        delivery: one.id,
        domain: one.domain,
        state: one.state,
        method: one.method,
        code: one.last_code,
        status: one.last_status,
        tries: tries.map((attempt) => ({
          at: attempt.started_at,
          result: attempt.result,
          code: attempt.code,
          host: attempt.host,
          tls: attempt.tls_version,
          reply: attempt.reply_code,
        })),
      }),
    );
  }
}

/** The reason that somebody gave for an inspection: the entry's sealed reference, opened. The look is on record too. */
export async function inspectReason(args: readonly string[]): Promise<number> {
  const [id] = args;
  const organisation = organisationOf(args);
  if (!id || !isUuid(id) || organisation === null)
    throw new WrongWords('inspect reason needs <AUDIT ENTRY ID> and --organisation.');
  return withFoundation(async ({ database, audit, vault }) => {
    const found = await database.tenant([organisation], 'app', async (tx) => {
      const subjects = [{ kind: 'audit-entry', id }];
      await audit.append(tx, { ...cliEntry(organisation, 'audit.reason-read', {}), subjects });
      return audit.entry(tx, organisation, id);
    });
    if (!found?.entry || found.sealedReference === null) {
      say('There is no reason kept with such an entry in this organisation.');
      return 1;
    }
    const binding = auditReferenceBinding(organisation, found.entry.subjects);
    say((await vault.openValue(binding, found.sealedReference)).toString('utf8'));
    return 0;
  });
}

export function cliEntry(
  organisation: OrganisationId,
  action: string,
  details: Readonly<Record<string, string | number | boolean | null>>,
) {
  return {
    organisation,
    action,
    actor: { kind: 'system' as const, component: 'command-line' },
    origin: { address: null, channel: 'cli' as const },
    result: 'done' as const,
    subjects: [],
    details,
    sealedReference: null,
    request: null,
  };
}
