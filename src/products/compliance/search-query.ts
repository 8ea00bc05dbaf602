import { z } from 'zod';
import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import { isUuid } from '#core/ids';
import { AUDIT_KINDS, type AuditQuery } from '#platform/audit';
import { timeRange } from '#platform/http';
import { addressIndexForm, parseAddress } from '#platform/mail';
import type { AuditRoutePorts } from './ports.ts';

const code = z.string().regex(/^[a-z0-9.-]{1,80}$/);

/** What the log is searched for. All that is given must hold. */
export const wantedSchema = z
  .strictObject({
    actions: z
      .array(code)
      .max(50)
      .optional()
      .meta({ description: 'One of these; with a trailing dot all below it (`session.`)' }),
    kinds: z.array(z.enum(AUDIT_KINDS)).max(5).optional(),
    actor: z.string().max(100).optional().meta({ description: 'Id of whoever acted' }),
    person: z
      .string()
      .trim()
      .min(1)
      .max(320)
      .optional()
      .meta({ description: 'Name or address of a person of the organisation who acted' }),
    recipient: z
      .string()
      .trim()
      .max(320)
      .optional()
      .meta({ description: 'Mail address whose messages, keys and records it was about' }),
    recipientRecord: z.uuid().optional().meta({ description: 'The same by a recipient on record' }),
    subjectKind: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9.-]{0,63}$/)
      .optional(),
    subject: z.string().max(256).optional().meta({ description: 'Id of what it was done to' }),
    result: z.enum(['done', 'refused', 'failed']).optional(),
    channel: z.enum(['api', 'console', 'portal', 'smtp', 'cli', 'worker']).optional(),
    network: z.union([z.ipv4(), z.ipv6()]).optional(),
    request: z.string().max(100).optional(),
    ...timeRange('the entry was written'),
  })
  .meta({ id: 'AuditSearch' });

export type Wanted = z.output<typeof wantedSchema>;

const binding = ({ organisation }: Caller) => ({ organisation, field: 'audit.query', row: 'query' });

/** A search as an opaque text: sealed, so that it may stand in links and be kept. Bound to the organisation. */
export async function sealWanted(
  { vault }: Pick<AuditRoutePorts, 'vault'>,
  caller: Caller,
  wanted: Wanted,
): Promise<string> {
  return (await vault.sealValue('record', binding(caller), JSON.stringify(wanted))).toString('base64url');
}

/** The search behind an opaque text. Refusal `invalid` for anything that is none of this organisation's. */
export async function openWanted(
  { vault }: Pick<AuditRoutePorts, 'vault'>,
  caller: Caller,
  sealed: string,
): Promise<Wanted> {
  try {
    const text = await vault.openValue(binding(caller), Buffer.from(sealed, 'base64url'));
    return wantedSchema.parse(JSON.parse(text.toString('utf8')));
  } catch (error) {
    // What does not open was cut, made up, or is another organisation's; a vault out of reach stays a fault.
    if (error instanceof Error && ['SealBroken', 'KeyMissing', 'KeyShredded'].includes(error.name)) {
      throw new Refusal('invalid', { path: 'query' });
    }
    throw error;
  }
}

/** Ids of each kind that one address is followed under; the newest. */
const MOST_SUBJECTS = 2_000;

const INDEXES = [
  ...(['address', 'portal-address/1', 'recipient-record/1', 'pgp-address/1'] as const),
  ...(['certificate-address/1', 'pdf-password-address/1', 'waiver-address/1'] as const),
];

/** The search in the log's own terms: names and addresses become ids. Refusal `invalid-address`, `not-found`. */
export async function toQuery(
  ports: AuditRoutePorts,
  caller: Caller,
  wanted: Wanted,
): Promise<Omit<AuditQuery, 'limit' | 'cursor'>> {
  const { actions, kinds, subject, result, channel, network, request, since, until } = wanted;
  const actors = await actorsOf(ports, caller, wanted);
  const about = await aboutOf(ports, caller, wanted);
  return {
    ...(actions === undefined || actions.length === 0 ? {} : { actions }),
    ...(kinds === undefined || kinds.length === 0 ? {} : { kinds: new Set(kinds) }),
    ...(actors === null ? {} : { actors }),
    ...(about === null ? {} : { about }),
    ...(wanted.subjectKind === undefined ? {} : { subjectKind: wanted.subjectKind }),
    ...(subject === undefined ? {} : { subject }),
    ...(result === undefined ? {} : { result }),
    ...(channel === undefined ? {} : { channel }),
    ...(network === undefined ? {} : { network }),
    ...(request === undefined ? {} : { request }),
    ...(since === undefined ? {} : { since: new Date(since) }),
    ...(until === undefined ? {} : { until: new Date(until) }),
  };
}

async function actorsOf(
  ports: AuditRoutePorts,
  caller: Caller,
  { actor, person }: Wanted,
): Promise<ReadonlySet<string> | null> {
  if (person === undefined) return actor === undefined ? null : new Set([actor]);
  const people = isUuid(person) ? [person] : await ports.findPeople(caller, person);
  return new Set(actor === undefined ? people : people.filter((one) => one === actor));
}

/** The address that a search follows, as it is looked up; null where it follows none. */
export async function followed(
  ports: AuditRoutePorts,
  caller: Caller,
  { recipient, recipientRecord }: Wanted,
): Promise<string | null> {
  const text =
    recipientRecord === undefined ? recipient : await ports.recipientAddress(caller, recipientRecord);
  if (text == null) return null;
  const address = parseAddress(text);
  if (address === null) throw new Refusal('invalid-address', { path: 'recipient' });
  return addressIndexForm(address);
}

async function aboutOf(
  ports: AuditRoutePorts,
  caller: Caller,
  wanted: Wanted,
): Promise<ReadonlySet<string> | null> {
  const address = await followed(ports, caller, wanted);
  if (address === null) return null;
  const { organisation } = caller;
  const hashes = new Map<string, Buffer>();
  for (const name of INDEXES) hashes.set(name, await ports.vault.blindIndex(organisation, name, address));
  const found = await ports.database.tenant([organisation], 'app', (tx) =>
    ports.audit.subjectsOf(tx, organisation, hashes, MOST_SUBJECTS),
  );
  return new Set(
    [...found.map(({ id }) => id), wanted.recipientRecord].filter((id): id is string => id !== undefined),
  );
}
