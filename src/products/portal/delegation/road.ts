import type { AuditEntry } from '#core/audit-entry';
import { auditReferenceBinding } from '#core/audit-reference';
import type { OrganisationId, PortalItemId, PortalPersonId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { type Disbelief, oidcClientSettings, type Vouched } from '#platform/federation';
import { addressIndex } from '../address-index.ts';
import type { Visit } from '../audit.ts';
import { findPlaces } from '../find-places.ts';
import { countAgainst } from '../limits.ts';
import type { PortalNeeds } from '../needs.ts';
import { findPersonByIndex } from '../person.store.ts';
import { startSession } from '../portal-session.ts';
import { ATTEMPT_SECONDS, openAttempt, sealAttempt } from './attempt.ts';
import { addressOfAccount, locateTarget } from './delegation.store.ts';
import { accountIndex } from './delegations.ts';
import { claimedBy, factorBy } from './rules.ts';
import {
  type Delegation,
  delegationById,
  delegationPlaces,
  keyOf,
  openDelegation,
  versionOf,
} from './settings.ts';

/** Why nobody came in. Codes: they go on record, and pages word the few that people can do something about. */
export type Refused =
  | Disbelief
  | 'unknown'
  | 'off'
  | 'other-issuer'
  | 'other-browser'
  | 'replayed'
  | 'changed-meanwhile'
  | 'no-claim'
  | 'address-unverified'
  | 'not-known'
  | 'not-theirs';

export type Left =
  | { readonly kind: 'leave'; readonly url: string; readonly cookie: string }
  | { readonly kind: 'refused'; readonly reason: Refused; readonly delegation: Delegation | null };

export type CameIn =
  | { readonly kind: 'signed-in'; readonly sessionToken: string; readonly item: PortalItemId | null }
  | { readonly kind: 'refused'; readonly reason: Refused; readonly delegation: Delegation | null };

/** Keyed index of a provider's subject or session, so that what is kept names nobody. */
export function subjectIndex(
  { vault }: Pick<PortalNeeds, 'vault'>,
  { organisation, row }: Pick<Delegation, 'organisation' | 'row'>,
  what: 'sub' | 'sid',
  value: string,
): Promise<Buffer> {
  return vault.blindIndex(organisation, 'portal-delegation/1', `${row.id}\n${what}\n${value}`);
}

/**
 * To the organisation's portal: where to send the browser, and the cookie that it must come back with. Writes nothing. `issuer`:
 * who the browser was sent here for, where the portal itself began (Core, section 4): any other than its own is refused.
 */
export async function leave(
  needs: PortalNeeds,
  id: string,
  wish: {
    readonly target: string | null;
    readonly loginHint: string | null;
    readonly issuer?: string;
  },
): Promise<Left> {
  const base = needs.publicUrl?.();
  const delegation = (await delegationById(needs, id)) ?? null;
  const refused = (reason: Refused): Left => ({ kind: 'refused', reason, delegation });
  if (delegation === null || needs.federation === undefined || base === undefined) return refused('unknown');
  const settings = oidcClientSettings(delegation.client);
  if (delegation.row.mode === 'off' || settings === null) return refused('off');
  if (wish.issuer !== undefined && wish.issuer !== settings.issuer) return refused('other-issuer');
  const { redirectUri } = delegationPlaces(base, id);
  const asked = { redirectUri, fresh: false, loginHint: wish.loginHint };
  const begun = await needs.federation.oidc.begin(keyOf(delegation), settings, asked);
  if (begun.kind === 'disbelieved') return refused(begun.reason);
  const { url, pending } = begun.value;
  const cookie = await sealAttempt(needs.vault, {
    ...{ delegation: id, version: versionOf(delegation), target: wish.target, pending },
    until: needs.clock.now().getTime() + ATTEMPT_SECONDS * 1000,
  });
  return { kind: 'leave', url, cookie };
}

/** Back from the portal: a session at this one organisation, or one reason why not, which is on record. */
export async function comeBack(
  needs: PortalNeeds,
  id: string,
  came: { readonly query: Readonly<Record<string, string>>; readonly cookie: string | undefined },
  visit: Visit,
): Promise<CameIn> {
  const delegation = (await delegationById(needs, id)) ?? null;
  const judged = await judge(needs, id, delegation, came);
  if (typeof judged === 'string' || delegation === null) {
    const reason = typeof judged === 'string' ? judged : 'unknown';
    await refuse(needs, delegation, reason, visit);
    return { kind: 'refused', reason, delegation };
  }
  const arrived = await arrive(needs, delegation, judged.vouched, judged.target, visit);
  if (typeof arrived !== 'string') return { kind: 'signed-in', ...arrived };
  await refuse(needs, delegation, arrived, visit);
  return { kind: 'refused', reason: arrived, delegation };
}

async function judge(
  needs: PortalNeeds,
  id: string,
  delegation: Delegation | null,
  { query, cookie }: Parameters<typeof comeBack>[2],
): Promise<Refused | { readonly vouched: Vouched; readonly target: string | null }> {
  const base = needs.publicUrl?.();
  if (delegation === null || needs.federation === undefined || base === undefined) return 'unknown';
  const settings = oidcClientSettings(delegation.client);
  if (delegation.row.mode === 'off' || settings === null) return 'off';
  const now = needs.clock.now();
  const attempt = await openAttempt(needs.vault, cookie, now);
  // Bound to its delegation too: what was begun at one portal is not finished by the answer of another (RFC 9700 §4.4).
  if (attempt === null || attempt.delegation !== id) return 'other-browser';
  if (attempt.version !== versionOf(delegation)) return 'changed-meanwhile';
  const { state } = attempt.pending;
  const once = { name: 'delegation', subject: `${id}\n${state}` } as const;
  const uses = await needs.database.system('app', (tx) => countAgainst(tx, needs.vault, once, now));
  if (uses > 1) return 'replayed';
  const url = new URL(delegationPlaces(base, id).redirectUri);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const { oidc } = needs.federation;
  const judged = await oidc.finish(keyOf(delegation), settings, url, attempt.pending);
  if (judged.kind === 'disbelieved') return judged.reason;
  return { vouched: judged.value, target: attempt.target };
}

/** Finds the person in this organisation alone, and starts their session there where the message they came for is theirs. */
async function arrive(
  needs: PortalNeeds,
  delegation: Delegation,
  vouched: Vouched,
  target: string | null,
  visit: Visit,
): Promise<Refused | { readonly sessionToken: string; readonly item: PortalItemId | null }> {
  const { organisation, row } = delegation;
  const subject = await subjectIndex(needs, delegation, 'sub', vouched.subject);
  const sid = vouched.sid === null ? null : await subjectIndex(needs, delegation, 'sid', vouched.sid);
  const person = await needs.database.tenant([organisation], 'app', (tx) =>
    personBy(needs, tx, delegation, vouched),
  );
  if (typeof person === 'string') return person;
  const who = { organisation, person: person.id };
  const { places } = await findPlaces(needs, who, null);
  return needs.database.tenant([organisation], 'app', async (tx) => {
    // Once more, and kept until the session stands: a removal in between finds the session, or we find the removal.
    const now = await openDelegation(needs.vault, tx, organisation, 'share');
    if (now === undefined || now.row.mode === 'off') return 'off';
    if (now.row.id !== row.id || versionOf(now) !== versionOf(delegation)) return 'changed-meanwhile';
    // Whose account it is may have been set right meanwhile.
    const still = await personBy(needs, tx, delegation, vouched);
    if (typeof still === 'string' || still.id !== person.id) return 'changed-meanwhile';
    const item = target === null ? null : await locateTarget(tx, places, target, needs.clock.now());
    if (target !== null && item === null) return 'not-theirs';
    const sessionToken = await startSession(needs, tx, who, visit, 'organisation-portal', {
      proved: [factorBy(vouched, row.rules)],
      delegation: { id: row.id, subject, sid },
    });
    return { sessionToken, item };
  });
}

async function personBy(
  needs: PortalNeeds,
  tx: Transaction,
  { organisation, row }: Delegation,
  vouched: Vouched,
): Promise<Refused | { readonly id: PortalPersonId }> {
  const claimed = claimedBy(vouched, row.rules);
  if (claimed.kind === 'refused') return claimed.reason;
  const index =
    claimed.kind === 'address'
      ? await addressIndex(needs.vault, organisation, claimed.address)
      : await addressOfAccount(tx, organisation, await accountIndex(needs, organisation, claimed.account));
  const person = index === null ? undefined : await findPersonByIndex(tx, index);
  return person ?? 'not-known';
}

/** Puts on record that somebody was not let in: nothing of what the provider said about them. */
export async function refuse(
  needs: PortalNeeds,
  delegation: Delegation | null,
  reason: Refused,
  visit: Visit,
): Promise<void> {
  // A door that is nobody's is in nobody's log: else whoever makes ids up would fill one.
  if (delegation === null) return;
  const { organisation } = delegation;
  const subjects = [{ kind: 'portal-delegation', id: delegation.row.id }];
  const entry = {
    action: 'portal.delegation-refused',
    result: 'refused',
    subjects,
    details: { reason },
  } as const;
  await needs.database.tenant([organisation], 'app', (tx) => record(needs, tx, organisation, entry, visit));
}

/** Puts on record whose sessions a provider has ended. */
export async function recordEnded(
  needs: PortalNeeds,
  tx: Transaction,
  organisation: OrganisationId,
  people: readonly PortalPersonId[],
  visit: Visit,
): Promise<void> {
  for (const person of people) {
    const subjects = [{ kind: 'portal-person', id: person }];
    const details = { reason: 'portal-sign-out' };
    await record(
      needs,
      tx,
      organisation,
      { action: 'portal.session-ended', result: 'done', subjects, details },
      visit,
    );
  }
}

/** An entry of nobody's doing. Where it came from may name a patient, and so stands in the sealed reference. */
async function record(
  needs: PortalNeeds,
  tx: Transaction,
  organisation: OrganisationId,
  entry: Pick<AuditEntry, 'action' | 'result' | 'subjects' | 'details'>,
  { origin, request }: Visit,
): Promise<void> {
  const networkAddress = origin.address;
  const sealedReference =
    networkAddress === null
      ? null
      : await needs.vault.sealValue(
          'record',
          auditReferenceBinding(organisation, entry.subjects),
          JSON.stringify({ networkAddress }),
        );
  await needs.audit.append(tx, {
    ...entry,
    ...{ organisation, sealedReference, request },
    actor: { kind: 'system', component: 'portal' },
    origin: { address: null, channel: origin.channel },
  });
}
