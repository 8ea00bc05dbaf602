import type { OrganisationId, PortalItemId, PortalPersonId } from '#core/ids';
import { constantTimeEqual } from '#platform/runtime';
import { recordRecipient, type Visit } from './audit.ts';
import { openChallenge } from './challenge.ts';
import { countTry, lockCode, useCode } from './code.store.ts';
import type { Factor } from './factors.ts';
import { CODE_TRIES, countAgainst, pauseEntry } from './limits.ts';
import type { PortalNeeds } from './needs.ts';
import { startSession, type Viewer } from './portal-session.ts';
import { rememberDevice } from './remembered-device.ts';
import { codeMac } from './request-code.ts';

export type CodeChecked =
  | {
      readonly kind: 'signed-in';
      readonly sessionToken: string;
      readonly deviceToken: string | null;
      readonly item: PortalItemId | null;
    }
  /** Wrong, run out, or nobody behind the entry: one answer for all. */
  | { readonly kind: 'wrong'; readonly triesLeft: number }
  /** No tries left, or no challenge: a new code must be asked for, after the pause if there is one. */
  | { readonly kind: 'over'; readonly until: Date | null };

/** The digits of a code as typed; blanks and hyphens that people put between them do not count. Null when it is no code. */
export function digitsOf(text: string): string | null {
  const digits = text.normalize('NFKC').replace(/[\s-]/g, '');
  return /^\d{6}$/.test(digits) ? digits : null;
}

/**
 * Tries a code once. The try is counted first, in a transaction of its own, so that no crash and no parallel request
 * gives one for nothing; and it is counted the same way when nobody is behind the entry.
 */
export async function checkCode(
  needs: PortalNeeds,
  request: {
    readonly challenge: string | undefined;
    readonly digits: string;
    readonly remember: boolean;
    /** Who is signed in already: the code is proved on top of it, where it is the same person's. */
    readonly onto: Viewer | null;
  },
  visit: Visit,
): Promise<CodeChecked> {
  const { database, vault, clock } = needs;
  const challenge = await openChallenge(vault, request.challenge);
  if (challenge === null) return { kind: 'over', until: null };
  const now = clock.now();

  const used = await database.system('app', (tx) =>
    countAgainst(tx, vault, { name: 'tries', subject: challenge.code }, now),
  );
  const tries = CODE_TRIES - used;
  if (tries < 0) return { kind: 'over', until: null };

  const expected = await codeMac(needs, challenge.organisation, challenge.code, request.digits);
  const signedIn = await database.tenant([challenge.organisation], 'app', async (tx) => {
    const code = await lockCode(tx, challenge.code, now);
    const right = constantTimeEqual(code?.mac ?? Buffer.alloc(32), expected);
    if (code === undefined) return null;
    const who = { organisation: challenge.organisation, person: code.person };
    if (!right || code.tries >= CODE_TRIES) {
      await countTry(tx, challenge.code);
      await recordRecipient(needs, tx, visit, { ...who, action: 'portal.code-refused', result: 'refused' });
      return null;
    }
    await useCode(tx, challenge.code, now);
    const proved: Factor[] = [code.channel === 'text' ? 'texted-code' : 'mailed-code'];
    if (code.ownMailbox) proved.push('own-mailbox');
    return signIn(needs, tx, who, { ...request, proved }, visit);
  });
  if (signedIn !== null) return { kind: 'signed-in', ...signedIn, item: challenge.item };
  if (tries > 0) return { kind: 'wrong', triesLeft: tries };
  const until = await database.system('app', (tx) => pauseEntry(tx, vault, challenge.entry, now));
  return { kind: 'over', until };
}

async function signIn(
  needs: PortalNeeds,
  tx: Parameters<typeof startSession>[1],
  who: { readonly organisation: OrganisationId; readonly person: PortalPersonId },
  how: { readonly remember: boolean; readonly proved: readonly Factor[]; readonly onto: Viewer | null },
  visit: Visit,
): Promise<{ sessionToken: string; deviceToken: string | null }> {
  const sessionToken = await startSession(needs, tx, who, visit, 'code', {
    proved: how.proved,
    onto: how.onto,
  });
  // Begun by an organisation's own portal, it stays bound to that organisation; a remembered device would not.
  const goesOn = how.onto?.places[0]?.person === who.person;
  const bound = goesOn && how.onto?.delegation != null;
  const ownMailbox = [...how.proved, ...(goesOn ? (how.onto?.proofs ?? []) : [])].includes('own-mailbox');
  const deviceToken = how.remember && !bound ? await rememberDevice(needs, tx, who, visit, ownMailbox) : null;
  return { sessionToken, deviceToken };
}
