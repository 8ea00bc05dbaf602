import { oidcClientSettings } from '#platform/federation';
import type { Visit } from '../audit.ts';
import { countAgainst } from '../limits.ts';
import type { PortalNeeds } from '../needs.ts';
import { endDelegatedSessions } from './delegation.store.ts';
import { type Refused, recordEnded, refuse, subjectIndex } from './road.ts';
import { delegationById, keyOf } from './settings.ts';

/**
 * OpenID Connect Back-Channel Logout 1.0: the organisation's portal ends the sessions that came by it, of one of its people or one
 * session of theirs. A token is taken once.
 */
export async function backChannel(
  needs: PortalNeeds,
  id: string,
  token: string,
  visit: Visit,
): Promise<'done' | Refused> {
  const delegation = await delegationById(needs, id);
  const settings = delegation && oidcClientSettings(delegation.client);
  const refused = async (reason: Refused): Promise<Refused> => {
    await refuse(needs, delegation ?? null, reason, visit);
    return reason;
  };
  if (!delegation || !settings || needs.federation === undefined) return refused('unknown');
  const { oidc, logoutTokens } = needs.federation;
  const keys = await oidc.keysUrl(keyOf(delegation), settings);
  if (keys.kind === 'disbelieved') return refused(keys.reason);
  const { issuer, clientId } = settings;
  const judged = await logoutTokens.judge(token, { issuer, clientId, keysUrl: keys.value });
  if (judged.kind === 'disbelieved') return refused(judged.reason);
  const { jti, until, ...who } = judged.value;
  const now = needs.clock.now();
  const milliseconds = Math.max(until.getTime() - now.getTime(), 60_000);
  const once = { name: 'delegation', subject: `${id}\njti\n${jti}`, milliseconds } as const;
  const subject = who.subject === null ? null : await subjectIndex(needs, delegation, 'sub', who.subject);
  const sid = who.sid === null ? null : await subjectIndex(needs, delegation, 'sid', who.sid);
  const { organisation } = delegation;
  const fresh = await needs.database.tenant([organisation], 'app', async (tx) => {
    if ((await countAgainst(tx, needs.vault, once, now)) > 1) return false;
    const ended = await endDelegatedSessions(tx, { delegation: id, subject, sid }, now);
    await recordEnded(
      needs,
      tx,
      organisation,
      ended.map(({ person }) => person),
      visit,
    );
    return true;
  });
  return fresh ? 'done' : refused('replayed');
}
