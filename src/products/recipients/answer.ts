import type { OrganisationId } from '#core/ids';
import type { ChallengeQuestion } from '#core/recipient';
import { constantTimeEqual } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import { readDates } from './read-date.ts';

type Keys = Pick<Vault, 'mac' | 'indexVersion'>;
type Kind = ChallengeQuestion['kind'];

/** Shortest secret that is taken on record, counted in the form that is compared. */
const SHORTEST_SECRET = 4;
/** Of the stored answer: one octet for the version of the key, then HMAC-SHA-256. */
const STORED_OCTETS = 33;

/** A secret as it is compared: without case, blanks, accents and marks that cannot be seen. */
export function normaliseSecret(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}\s]/gu, '')
    .toLowerCase();
}

/** The answer as it is kept, or null where it cannot be one: a date that is none or may mean two, a secret too short. */
export function answerOnRecord(kind: Kind, text: string, now: Date): string | null {
  if (kind === 'date-of-birth') {
    // Staff put it down in ISO 8601 alone: what is on record may not mean two days.
    const dates = /^\d{4}-\d{2}-\d{2}$/.test(text) ? readDates(text, now) : [];
    return dates.length === 1 ? (dates[0] ?? null) : null;
  }
  const secret = normaliseSecret(text);
  return [...secret].length >= SHORTEST_SECRET ? secret : null;
}

/**
 * What is stored of an answer. Bound to its row, so that equal answers of two recipients do not look equal, and nobody who
 * writes to the database can give one recipient another's. The key is the vault's: without it, all dates of birth can be
 * tried in a moment.
 */
export async function sealAnswer(
  keys: Keys,
  organisation: OrganisationId,
  record: string,
  kind: Kind,
  answer: string,
): Promise<Buffer> {
  const version = await keys.indexVersion(organisation);
  return Buffer.concat([
    Buffer.from([version]),
    await macOf(keys, organisation, record, kind, answer, version),
  ]);
}

/** Whether one of the readings of this answer is the one on record. Every reading is compared, so that time tells nothing. */
export async function answerFits(
  keys: Keys,
  organisation: OrganisationId,
  record: string,
  kind: Kind,
  text: string,
  stored: Buffer,
  now: Date,
): Promise<boolean> {
  const version = stored[0];
  if (version === undefined || stored.length !== STORED_OCTETS) return false;
  const answers = kind === 'date-of-birth' ? readDates(text, now) : [normaliseSecret(text)];
  let fits = false;
  for (const answer of answers) {
    const mac = await macOf(keys, organisation, record, kind, answer, version);
    if (constantTimeEqual(mac, stored.subarray(1))) fits = true;
  }
  return fits;
}

function macOf(
  keys: Keys,
  organisation: OrganisationId,
  record: string,
  kind: Kind,
  answer: string,
  version: number,
): Promise<Buffer> {
  return keys.mac(organisation, 'recipient-answer/1', `${record}\n${kind}\n${answer}`, version);
}
