import { type Address, addressText } from '#core/address';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { FindPorts } from './find-recipient-key.ts';
import { type KeyActing, keepKey } from './keep-keys.ts';
import { type AutocryptField, parseAutocrypt } from './parse-autocrypt.ts';
import { selectTrust } from './pgp-setting.store.ts';
import { judgeKey, keyNamesAddress, type PublicPgpKey, readPublicKey } from './public-key.ts';
import {
  deleteKey,
  keysOfAddress,
  lockAddress,
  noteSeen,
  type RecipientKeyRow,
} from './recipient-key.store.ts';
import { fingerprintIndex } from './recipient-key.ts';
import { isAccepted, type KeyOffer } from './trust.ts';

/**
 * What an inbound mail says by Autocrypt. Automatic answers (Auto-Submitted: auto-replied), reports (multipart/report), spam
 * and mail with several addresses in From are not to be handed in at all (Autocrypt level 1.1, "Updating Autocrypt Peer State").
 */
export interface AutocryptMail {
  /** The one address of its From field. */
  readonly from: Address;
  /** The values of all its Autocrypt fields, unfolded. */
  readonly fields: readonly string[];
  /** Of its Date field; null where it has none. */
  readonly date: Date | null;
  /** Its From was proven: DMARC passed, a DKIM signature of that very domain, or a signature by a key that we trust. */
  readonly authenticated: boolean;
}

export type LearnedAutocrypt =
  | { readonly kind: 'kept'; readonly offer: KeyOffer }
  | { readonly kind: 'ignored'; readonly reason: AutocryptIgnored };

export type AutocryptIgnored =
  /** Anybody could have written it. */
  | 'not-authenticated'
  /** No field is valid for the address in From. */
  | 'no-valid-field'
  | 'several-valid-fields'
  /** Not one public key, or not one that names the address. */
  | 'bad-key'
  /** Expired, revoked, weak, or nothing to encrypt to. */
  | 'unusable-key'
  /** A newer mail has been seen before. */
  | 'older';

const ACTOR = { kind: 'system', component: 'autocrypt' } as const;

/**
 * Keeps the key that a mail brings, by the specification (exactly one valid field for the address in From, the newest mail
 * counts) and by this house: only of mail whose From was proven, never in place of a key that carries mail, and by default
 * not used before somebody has vouched for it. A key that was only waiting gives way to the newer one, so that an
 * address never has more than one of them.
 */
export async function learnAutocrypt(
  ports: FindPorts,
  organisation: OrganisationId,
  mail: AutocryptMail,
): Promise<LearnedAutocrypt> {
  if (!mail.authenticated) return { kind: 'ignored', reason: 'not-authenticated' };
  const text = addressText(mail.from);
  const field = theField(mail.fields, text);
  if (typeof field === 'string') return { kind: 'ignored', reason: field };
  const now = ports.clock.now();
  const key = await readPublicKey(field.keydata);
  if (typeof key === 'string' || !(await keyNamesAddress(key, text, now)))
    return { kind: 'ignored', reason: 'bad-key' };
  if ((await judgeKey(key, now)).kind === 'unusable') return { kind: 'ignored', reason: 'unusable-key' };
  // A date that lies ahead would shut out every later mail.
  const date = mail.date === null || mail.date > now ? now : mail.date;
  const addressIndex = await ports.addressIndex(organisation, mail.from);
  const coming: Coming = { address: mail.from, addressIndex, text, key, source: 'autocrypt', date };
  return ports.database.tenant([organisation], 'app', (tx) => keep(ports, tx, organisation, coming));
}

interface Coming {
  readonly address: Address;
  readonly addressIndex: Buffer;
  readonly text: string;
  readonly key: PublicPgpKey;
  readonly source: 'autocrypt';
  readonly date: Date;
}

async function keep(
  ports: FindPorts,
  tx: Transaction,
  organisation: OrganisationId,
  coming: Coming,
): Promise<LearnedAutocrypt> {
  await lockAddress(tx, coming.addressIndex);
  const rows = await keysOfAddress(tx, organisation, coming.addressIndex);
  if (rows.some(({ seen_at }) => seen_at !== null && seen_at > coming.date))
    return { kind: 'ignored', reason: 'older' };
  const acting: KeyActing = {
    organisation,
    actor: ACTOR,
    origin: { address: null, channel: 'smtp' },
    request: null,
  };
  const index = await fingerprintIndex(ports.vault, organisation, coming.key.fingerprint);
  const trust = await selectTrust(tx, organisation);
  for (const row of rows) {
    if (row.fingerprint_index.equals(index) || !onlyWaits(row, isAccepted(row, trust))) continue;
    await deleteKey(tx, organisation, row.id);
    const details = { method: 'pgp', source: coming.source };
    const named = { id: row.id, address: coming.text };
    await ports.record(tx, { acting, act: 'superseded', key: named, details });
  }
  const { offer, id } = await keepKey(ports, tx, acting, coming);
  await noteSeen(tx, organisation, id, coming.date);
  return { kind: 'kept', offer };
}

/** The one field that is valid for the address, or what is wrong. */
function theField(
  fields: readonly string[],
  address: string,
): AutocryptField | 'no-valid-field' | 'several-valid-fields' {
  const valid = fields
    .slice(0, FIELDS_MOST)
    .map(parseAutocrypt)
    .filter((field) => field?.address.toLowerCase() === address.toLowerCase())
    .filter((field) => field !== null);
  const [field] = valid;
  if (field === undefined) return 'no-valid-field';
  return valid.length > 1 ? 'several-valid-fields' : field;
}

const FIELDS_MOST = 20;

/** It came by Autocrypt, nobody has decided anything about it, and it has never carried mail. */
function onlyWaits({ source, state, vouched_by }: RecipientKeyRow, accepted: boolean): boolean {
  if (source !== 'autocrypt' || vouched_by !== null) return false;
  return state === 'pending' || (state === 'trusted' && !accepted);
}
