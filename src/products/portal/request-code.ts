import type { Address } from '#core/address';
import {
  INSTALLATION,
  type NoticeId,
  type OrganisationId,
  type PortalItemId,
  type PortalPersonId,
  type TextId,
} from '#core/ids';
import type { Transaction } from '#platform/database';
import { parseAddress } from '#platform/mail';
import { type Locale, newId, randomDigits } from '#platform/runtime';
import { lookupIndex } from './address-index.ts';
import { recordRecipient, type Visit } from './audit.ts';
import { type Challenge, sealChallenge } from './challenge.ts';
import { networkOf } from './circumstances.ts';
import { type CodeChannel, findCodeOwner, insertCode } from './code.store.ts';
import { codeAddresses } from './code-addresses.ts';
import { findItem, findLink } from './item.store.ts';
import {
  CODE_MINUTES,
  CODES_PER_ENTRY,
  CODES_PER_NETWORK,
  CODES_PER_PERSON,
  pausedUntil,
  TEXTS_PER_PERSON,
  withinLimit,
} from './limits.ts';
import type { PortalNeeds } from './needs.ts';
import { findPeopleByLookup, findPerson } from './person.store.ts';
import { openPersonAddress } from './person-address.ts';
import { actorOf, type Viewer } from './portal-session.ts';
import { USUAL_RULE } from './sign-in-rule.ts';
import { looksLikeToken, tokenHash } from './token.ts';

/** How somebody asks for a code: with the link of a notice, or by typing an address. */
export type Entry =
  | { readonly kind: 'link'; readonly token: string; readonly channel: CodeChannel }
  | { readonly kind: 'form'; readonly address: string }
  /** Signed in elsewhere under the same address, to an organisation that asks for a sign-in of its own. */
  | ({ readonly kind: 'known'; readonly lookup: Buffer } & Omit<Known, 'item' | 'second'>)
  /** Once more, from the page where the code is typed. */
  | { readonly kind: 'again'; readonly challenge: Challenge }
  /** Signed in already, and more must be proved for one message. */
  | {
      readonly kind: 'step';
      readonly viewer: Viewer;
      readonly item: PortalItemId;
      readonly channel: CodeChannel;
    };

export type CodeRequested =
  /** Says nothing about whether a code was mailed: the same for a known and an unknown entry. */
  | { readonly kind: 'asked'; readonly challenge: string }
  | { readonly kind: 'slow-down'; readonly until: Date | null };

/** Every answer takes at least so long, so that its time does not tell whether there was somebody to write to. */
const LEAST_MS = 350;

interface Known {
  readonly organisation: OrganisationId;
  readonly person: PortalPersonId;
  readonly item: PortalItemId | null;
  /** Somebody is signed in and proves more: either code may serve, whatever opens a session. */
  readonly second: boolean;
}

/** The subject that limits of an entry are counted under; a hash, the same for known and unknown entries. */
async function entryKey(needs: PortalNeeds, entry: Entry, address: Address | null): Promise<string> {
  if (entry.kind === 'again') return entry.challenge.entry;
  if (entry.kind === 'known') return `form:${entry.lookup.toString('hex')}`;
  if (entry.kind === 'link') return linkEntry(entry.token);
  if (entry.kind === 'step') return `step:${tokenHash(entry.item).toString('hex').slice(0, 32)}`;
  if (address === null) return `form:${tokenHash(entry.address).toString('hex').slice(0, 32)}`;
  return `form:${(await lookupIndex(needs.vault, address)).toString('hex')}`;
}

/** The subject of a link: a hash, so that limits and cookies hold no token. */
export function linkEntry(token: string): string {
  return `link:${tokenHash(token).toString('hex').slice(0, 32)}`;
}

/**
 * Sends a six-digit code to whoever is behind the entry. Consumes nothing: a scanner that gets here causes one mail or text,
 * within limits. `locale` is the language of the page that asked.
 */
export async function requestCode(
  needs: PortalNeeds,
  entry: Entry,
  visit: Visit,
  locale: Locale,
): Promise<CodeRequested> {
  const began = needs.clock.monotonic();
  const address = entry.kind === 'form' ? parseAddress(entry.address.trim()) : null;
  const subject = await entryKey(needs, entry, address);
  const answer = await requestWithinLimits(needs, entry, address, subject, visit, locale);
  const rest = LEAST_MS - (needs.clock.monotonic() - began);
  if (rest > 0) await (needs.pause ?? sleep)(rest);
  return answer;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function requestWithinLimits(
  needs: PortalNeeds,
  entry: Entry,
  address: Address | null,
  subject: string,
  visit: Visit,
  locale: Locale,
): Promise<CodeRequested> {
  const { database, vault, clock } = needs;
  const now = clock.now();
  const network = networkOf(visit.origin.address);
  const limited = await database.system('app', async (tx): Promise<CodeRequested | null> => {
    const until = await pausedUntil(tx, vault, subject, now);
    if (until !== null) return { kind: 'slow-down', until };
    const entryOk = await withinLimit(
      tx,
      vault,
      { name: 'codes-entry', subject, most: CODES_PER_ENTRY },
      now,
    );
    const networkOk = await withinLimit(
      tx,
      vault,
      { name: 'codes-network', subject: network, most: CODES_PER_NETWORK },
      now,
    );
    return entryOk && networkOk ? null : { kind: 'slow-down', until: null };
  });
  if (limited !== null) return limited;

  const known = await whoIsBehind(needs, entry, address);
  const code = newId(clock);
  const digits = randomDigits(6);
  const organisation = known?.organisation ?? INSTALLATION;
  const mac = await codeMac(needs, organisation, code, digits);
  const channel = channelOf(entry);
  if (known !== null) {
    await database.tenant([known.organisation], 'app', (tx) =>
      sendCode(needs, tx, known, { id: code, digits, mac, now, channel }, visit, locale),
    );
  }
  const challenge = await sealChallenge(vault, {
    organisation,
    code,
    item: known?.item ?? null,
    entry: subject,
    channel,
  });
  return { kind: 'asked', challenge };
}

function channelOf(entry: Entry): CodeChannel {
  if (entry.kind === 'form' || entry.kind === 'known') return 'mail';
  return entry.kind === 'again' ? entry.challenge.channel : entry.channel;
}

/** What the database keeps of a code: bound to its row, so that equal digits of two codes do not look equal. */
export function codeMac(
  needs: PortalNeeds,
  organisation: OrganisationId,
  code: string,
  digits: string,
): Promise<Buffer> {
  return needs.vault.mac(organisation, 'portal-code', `${code}\n${digits}`);
}

async function whoIsBehind(needs: PortalNeeds, entry: Entry, address: Address | null): Promise<Known | null> {
  const { database, vault } = needs;
  if (entry.kind === 'known')
    return { organisation: entry.organisation, person: entry.person, item: null, second: false };
  if (entry.kind === 'step') {
    const { viewer, item } = entry;
    return { organisation: viewer.organisation, person: actorOf(viewer), item, second: true };
  }
  if (entry.kind === 'again') {
    const { organisation, code, item } = entry.challenge;
    const owner = await database.tenant([organisation], 'app', (tx) => findCodeOwner(tx, code));
    const second = entry.challenge.entry.startsWith('step:');
    return owner === undefined ? null : { organisation, person: owner, item, second };
  }
  if (entry.kind === 'link') {
    if (!looksLikeToken(entry.token)) return null;
    const link = await database.system('app', (tx) => findLink(tx, tokenHash(entry.token)));
    if (link === undefined) return null;
    const item = await database.tenant([link.organisation], 'app', (tx) => findItem(tx, link.item));
    return item === undefined ? null : { ...link, person: item.person, second: false };
  }
  if (address === null) return null;
  const index = await lookupIndex(vault, address);
  const people = await database.system('app', (tx) => findPeopleByLookup(tx, index));
  const one = (await whoTakesMailedCodes(needs, people)) ?? people[0];
  return one === undefined ? null : { ...one, item: null, second: false };
}

/** So many organisations that know an address are asked for their rule; a person has a few. */
const MOST_ASKED = 20;

/**
 * The newest to know the address among those that take mailed codes: the mailbox opens what all organisations sent, a telephone
 * what one did, so that no organisation's rule takes the form away from the messages of others.
 */
async function whoTakesMailedCodes<One extends { readonly organisation: OrganisationId }>(
  needs: PortalNeeds,
  people: readonly One[],
): Promise<One | undefined> {
  if (people.length < 2) return undefined;
  for (const one of people.slice(0, MOST_ASKED)) {
    const { signIn } = await needs.database.tenant([one.organisation], 'app', (tx) =>
      needs.organisation(tx, one.organisation),
    );
    if ((signIn ?? USUAL_RULE).first.includes('mailed-code')) return one;
  }
  return undefined;
}

async function sendCode(
  needs: PortalNeeds,
  tx: Transaction,
  known: Known,
  code: NewCode,
  visit: Visit,
  locale: Locale,
): Promise<void> {
  const person = await findPerson(tx, known.person);
  if (person === undefined) return;
  const { organisation } = known;
  const who = { organisation, person: known.person } as const;
  const to = await openPersonAddress(needs.vault, organisation, person);
  const channel = await channelFor(needs, tx, known, to, code.channel);
  const withheld = channel === null ? 'no-way' : await overLimit(needs, tx, known.person, channel, code.now);
  if (channel === null || withheld !== null) {
    const details = { reason: withheld ?? 'no-way' };
    await recordRecipient(needs, tx, visit, {
      ...who,
      action: 'portal.code-withheld',
      result: 'refused',
      details,
    });
    return;
  }
  const expiresAt = new Date(code.now.getTime() + CODE_MINUTES * 60_000);
  const { id, mac, digits } = code;
  const addresses = channel === 'mail' ? await codeAddresses(needs, tx, organisation, to, known.item) : [];
  const ownMailbox = addresses.length === 1;
  await insertCode(tx, { id, ...who, mac, createdAt: code.now, expiresAt, channel, ownMailbox });
  const body = { kind: 'sign-in-code', code: digits, expiresAt } as const;
  const letter = { organisation, locale, body } as const;
  if (channel === 'text') await needs.texts?.send(tx, { ...letter, to, id: newId(needs.clock) as TextId });
  else
    for (const one of addresses)
      await needs.sendNotice(tx, { ...letter, to: one, id: newId(needs.clock) as NoticeId });
  await recordRecipient(needs, tx, visit, { ...who, action: 'portal.code-sent', details: { channel } });
}

interface NewCode {
  readonly id: string;
  readonly digits: string;
  readonly mac: Buffer;
  readonly now: Date;
  readonly channel: CodeChannel;
}

/**
 * The way that the code takes; null for none. Where the organisation takes no mailed codes, one that was asked for by
 * mail is texted, so that whoever types their address there comes in too.
 */
async function channelFor(
  needs: PortalNeeds,
  tx: Transaction,
  { organisation, second }: Known,
  to: Address,
  wanted: CodeChannel,
): Promise<CodeChannel | null> {
  const { first } = (await needs.organisation(tx, organisation)).signIn ?? USUAL_RULE;
  const texts = (await needs.texts?.reach(tx, organisation, to)) ?? null;
  const texted = texts !== null && (second || first.includes('texted-code'));
  if (wanted === 'mail' && (second || first.includes('mailed-code'))) return 'mail';
  return texted ? 'text' : null;
}

/** Why no code is sent for now; null when one may be. */
async function overLimit(
  needs: PortalNeeds,
  tx: Transaction,
  person: PortalPersonId,
  channel: CodeChannel,
  now: Date,
): Promise<'too-many-codes' | null> {
  const { vault } = needs;
  const codes = { name: 'codes-person', subject: person, most: CODES_PER_PERSON } as const;
  if (!(await withinLimit(tx, vault, codes, now))) return 'too-many-codes';
  if (channel === 'mail') return null;
  const texts = { name: 'texts-person', subject: person, most: TEXTS_PER_PERSON } as const;
  return (await withinLimit(tx, vault, texts, now)) ? null : 'too-many-codes';
}
