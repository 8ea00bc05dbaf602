import type { SessionId } from '#core/ids';
import type { From } from '#platform/access';
import type { Transaction } from '#platform/database';
import { hintBinding } from './arrive.ts';
import { hashOf, versionOf } from './attempt.ts';
import type { Connection } from './connections.ts';
import type { SignOnNeeds } from './ports.ts';
import { subjectIndex } from './resolve-person.ts';
import { readSignOnSession, rememberSeen, sessionsOf } from './road.store.ts';
import type { Ended, Road } from './road.ts';
import { oidcSettings, samlSettings } from './settings.ts';

/** Ends sessions because their provider says so, and tells where to sign out there. */
export interface SignOut {
  /** OpenID Connect Back-Channel Logout 1.0. */
  backChannel(id: string, token: string, from: From): Promise<'done' | Ended>;
  /** SAML LogoutRequest; `answer` is where the browser goes on, null: nowhere. */
  samlRequest(
    id: string,
    request: string,
    relay: string | null,
    from: From,
  ): Promise<{ readonly answer: string | null } | Ended>;
  /** Where the browser signs out at the provider of its session; null: there is none, or it offers no such place. */
  atProvider(session: SessionId, organisation: Connection['organisation']): Promise<string | null>;
}

const ACTOR = { kind: 'system', component: 'single-sign-on' } as const;

export function createSignOut(needs: SignOnNeeds, road: Road): SignOut {
  const { database, oidc, saml, logoutTokens, clock, vault, access } = needs;

  async function end(
    tx: Transaction,
    connection: Connection,
    who: { readonly subject: string | null; readonly sid: string | null },
    from: From,
  ): Promise<number> {
    const { organisation, row } = connection;
    const subject = who.subject === null ? null : await subjectIndex(needs, connection, who.subject);
    const sid = who.sid === null ? null : await subjectIndex(needs, connection, `sid\n${who.sid}`);
    let ended = 0;
    for (const { session, identity } of await sessionsOf(tx, row.id, subject, sid)) {
      const one = { identity, organisation, sessions: [session], reason: 'provider-sign-out' };
      ended += await access.sessions.endThese(tx, one, ACTOR, from);
    }
    return ended;
  }

  async function refuse(connection: Connection | null, reason: Ended, from: From): Promise<Ended> {
    await road.refuse(connection, reason, from);
    return reason;
  }

  return {
    async backChannel(id, token, from) {
      const one = await road.connection(id);
      const settings = one?.settings.kind === 'oidc' ? oidcSettings(one.settings) : null;
      if (one === undefined || settings === null) return refuse(null, 'unknown-connection', from);
      const keys = await oidc.keysUrl(`${id} ${versionOf(one)}`, settings);
      if (keys.kind === 'disbelieved') return refuse(one, keys.reason, from);
      const { issuer, clientId } = settings;
      const judged = await logoutTokens.judge(token, { issuer, clientId, keysUrl: keys.value });
      if (judged.kind === 'disbelieved') return refuse(one, judged.reason, from);
      const { jti, until, ...who } = judged.value;
      const fresh = await database.tenant([one.organisation], 'app', async (tx) => {
        if (!(await rememberSeen(tx, one.organisation, id, hashOf(`jti\n${jti}`), until))) return false;
        await end(tx, one, who, from);
        return true;
      });
      return fresh ? 'done' : refuse(one, 'replayed', from);
    },

    async samlRequest(id, request, relay, from) {
      const one = await road.connection(id);
      const settings = one?.settings.kind === 'saml' ? samlSettings(one.settings) : null;
      if (one === undefined || settings === null) return refuse(null, 'unknown-connection', from);
      const service = road.places(one);
      const judged = await saml.judgeLogout(settings, service, request, clock.now());
      if (judged.kind === 'disbelieved') return refuse(one, judged.reason, from);
      const { id: message, ...who } = judged.value;
      // A request that comes again ends nothing that stands since: it is good for minutes only.
      const until = new Date(clock.now().getTime() + 15 * 60_000);
      const fresh = await database.tenant([one.organisation], 'app', async (tx) => {
        if (!(await rememberSeen(tx, one.organisation, id, hashOf(`logout\n${message}`), until)))
          return false;
        await end(tx, one, who, from);
        return true;
      });
      if (!fresh) return refuse(one, 'replayed', from);
      return { answer: await saml.logoutAnswer(settings, service, message, relay) };
    },

    async atProvider(session, organisation) {
      const row = await database.tenant([organisation], 'app', (tx) => readSignOnSession(tx, session));
      const one = row === undefined ? undefined : await road.connection(row.connection);
      if (row === undefined || one === undefined || one.settings.kind !== 'oidc') return null;
      const settings = oidcSettings(one.settings);
      if (settings === null) return null;
      const hint =
        row.hint === null
          ? null
          : (await vault.openValue(hintBinding(one, session), row.hint)).toString('utf8');
      const back = `${needs.addresses.console}/sign-in`;
      return oidc.signOutUrl(`${one.row.id} ${versionOf(one)}`, settings, hint, back);
    },
  };
}
