import { constantTimeEqual } from '#platform/runtime';
import { recordRecipient, type Visit } from './audit.ts';
import { openChallenge } from './challenge.ts';
import { countTry, lockCode, useCode } from './code.store.ts';
import { CODE_TRIES, countAgainst, pauseEntry } from './limits.ts';
import type { PortalNeeds } from './needs.ts';
import type { Viewer } from './portal-session.ts';
import { codeMac } from './request-code.ts';

export type FreshlyProved = 'proved' | 'wrong' | 'over';

/**
 * Proof that whoever is signed in still holds the mailbox, for an act that lowers protection: a code that was asked for in
 * this browser, for this person, typed into the act itself. Counted and paused like the codes of the sign-in.
 */
export async function proveFreshly(
  needs: PortalNeeds,
  viewer: Viewer,
  given: { readonly challenge: string | undefined; readonly digits: string },
  visit: Visit,
): Promise<FreshlyProved> {
  const { database, vault, clock } = needs;
  const challenge = await openChallenge(vault, given.challenge);
  if (challenge === null || challenge.organisation !== viewer.organisation) return 'over';
  const now = clock.now();
  const used = await database.system('app', (tx) =>
    countAgainst(tx, vault, { name: 'tries', subject: challenge.code }, now),
  );
  if (used > CODE_TRIES) return 'over';
  const expected = await codeMac(needs, challenge.organisation, challenge.code, given.digits);
  const { organisation, person } = viewer;
  const proved = await database.tenant([organisation], 'app', async (tx) => {
    const code = await lockCode(tx, challenge.code, now);
    const right = constantTimeEqual(code?.mac ?? Buffer.alloc(32), expected);
    if (code === undefined || code.person !== person) return false;
    if (!right || code.tries >= CODE_TRIES) {
      await countTry(tx, challenge.code);
      const refused = { action: 'portal.code-refused', result: 'refused' } as const;
      await recordRecipient(needs, tx, visit, { organisation, person, ...refused });
      return false;
    }
    await useCode(tx, challenge.code, now);
    return true;
  });
  if (proved) return 'proved';
  if (used < CODE_TRIES) return 'wrong';
  await database.system('app', (tx) => pauseEntry(tx, vault, challenge.entry, now));
  return 'over';
}
