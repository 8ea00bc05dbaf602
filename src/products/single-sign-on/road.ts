import { randomBytes } from 'node:crypto';
import { INSTALLATION } from '#core/ids';
import { auditEntry, type From } from '#platform/access';
import type { Disbelief, Vouched } from '#platform/federation';
import {
  type AttemptState,
  hashOf,
  keepAttempt,
  type OpenAttempt,
  openAttempt,
  type Purpose,
  packVouched,
  sameHash,
  unpackVouched,
  versionOf,
} from './attempt.ts';
import { findConnection } from './connection.store.ts';
import type { Connection, Connections } from './connections.ts';
import { type Places, placesOf } from './places.ts';
import type { SignOnNeeds } from './ports.ts';
import type { NotLetIn } from './resolve-person.ts';
import { rememberSeen, useAttempt } from './road.store.ts';
import { oidcSettings, samlSettings } from './settings.ts';

/** Why a road ended. `cancelled`: nobody is there to blame; `unknown-connection`: removed, off, or never there. */
export type Ended =
  | Disbelief
  | NotLetIn
  | 'unknown-connection'
  | 'unknown-attempt'
  | 'other-browser'
  | 'replayed'
  | 'changed-meanwhile';

export type Arrived =
  | {
      readonly kind: 'arrived';
      readonly connection: Connection;
      readonly attempt: OpenAttempt;
      readonly vouched: Vouched;
    }
  | {
      readonly kind: 'ended';
      readonly reason: Ended;
      readonly connection: Connection | null;
      readonly attempt: OpenAttempt | null;
    };

export type Begun =
  | { readonly kind: 'leave'; readonly url: string; readonly attempt: string }
  | { readonly kind: 'ended'; readonly reason: Ended };

/** The road to a provider and back, whoever walks it. */
export interface Road {
  begin(
    id: string,
    wish: {
      readonly purpose: Exclude<Purpose, 'ticket'>;
      /** The cookie that the answer must come back with. */
      readonly browser: string;
      readonly returnTo: string;
      readonly fresh: boolean;
      readonly loginHint: string | null;
    },
    from: From,
  ): Promise<Begun>;
  /** OpenID Connect: the browser is back with these parameters. */
  cameBack(
    id: string,
    query: Readonly<Record<string, string>>,
    browser: string | undefined,
    from: From,
  ): Promise<Arrived>;
  /**
   * SAML: the provider's form was posted. That is a request from another site, which brings no cookie: what is believed waits
   * behind a ticket, for the browser that began. `browser`: a cookie to be set, for answers that nobody asked for.
   */
  posted(
    id: string,
    response: string,
    from: From,
  ): Promise<
    | { readonly kind: 'ticket'; readonly ticket: string; readonly browser: string | null }
    | { readonly kind: 'ended'; readonly reason: Ended }
  >;
  withTicket(id: string, ticket: string, browser: string | undefined, from: From): Promise<Arrived>;
  /** The connection, where it is there; also one that is off. */
  connection(id: string): Promise<Connection | undefined>;
  places(connection: Connection): Places;
  /** Puts a refusal on record. */
  refuse(connection: Connection | null, reason: Ended, from: From, identity?: string | null): Promise<void>;
}

/** Checks that a test leaves out, to show what they are for. Nothing in production. */
export interface RoadLeftOut {
  readonly browser?: true;
  readonly replay?: true;
}

export const newToken = (): string => randomBytes(32).toString('base64url');

export function createRoad(needs: SignOnNeeds, connections: Connections, leftOut: RoadLeftOut = {}): Road {
  const { database, audit, clock, oidc, saml } = needs;

  async function connection(id: string): Promise<Connection | undefined> {
    const organisation = await database.system('app', (tx) => findConnection(tx, id));
    return organisation === null ? undefined : connections.load(organisation, id);
  }

  const places = ({ row }: Connection): Places => placesOf(needs.addresses.console, row.id);
  const key = (one: Connection): string => `${one.row.id} ${versionOf(one)}`;

  async function refuse(
    one: Connection | null,
    reason: Ended,
    from: From,
    identity: string | null = null,
  ): Promise<void> {
    const organisation = one?.organisation ?? INSTALLATION;
    const subjects = [
      ...(one === null ? [] : [{ kind: 'sso-connection', id: one.row.id }]),
      ...(identity === null ? [] : [{ kind: 'identity', id: identity }]),
    ];
    const entry = {
      ...{ organisation, action: 'sso.refused', subjects, details: { reason } },
      ...{ actor: { kind: 'system' as const, component: 'single-sign-on' }, result: 'refused' as const },
    } as const;
    await database.tenant([organisation], 'app', async (tx) => {
      await audit.append(tx, auditEntry(from, entry));
    });
  }

  async function ended(
    one: Connection | null,
    reason: Ended,
    from: From,
    attempt: OpenAttempt | null = null,
  ): Promise<Extract<Arrived, { kind: 'ended' }>> {
    await refuse(one, reason, from);
    return { kind: 'ended', reason, connection: one, attempt };
  }

  /** Uses the attempt up before anything is asked of the provider: what comes twice finds nothing. */
  async function take(
    one: Connection,
    lookup: string,
  ): Promise<OpenAttempt | 'unknown-attempt' | 'changed-meanwhile'> {
    return database.tenant([one.organisation], 'app', async (tx) => {
      const attempt = await openAttempt(needs, tx, one, lookup);
      if (attempt === undefined || !(await useAttempt(tx, attempt.id, clock.now()))) return 'unknown-attempt';
      return attempt.state.version === versionOf(one) ? attempt : 'changed-meanwhile';
    });
  }

  const isHers = (attempt: OpenAttempt, browser: string | undefined): boolean =>
    leftOut.browser === true || (browser !== undefined && sameHash(attempt.browser, hashOf(browser)));

  async function leave(one: Connection, wish: Parameters<Road['begin']>[1]) {
    const { fresh, loginHint } = wish;
    if (one.settings.kind === 'saml') {
      const settings = samlSettings(one.settings);
      if (settings === null) return null;
      const { url, requestId } = await saml.begin(settings, places(one), { fresh, relay: null });
      return { url, lookup: requestId, pending: null };
    }
    const settings = oidcSettings(one.settings);
    if (settings === null) return null;
    const { redirectUri } = places(one);
    const begun = await oidc.begin(key(one), settings, { redirectUri, fresh, loginHint });
    if (begun.kind === 'disbelieved') return begun.reason;
    const { url, pending } = begun.value;
    return { url, lookup: pending.state, pending };
  }

  /** Believed once: the assertion is remembered as long as it would be good, and its request is used up. */
  async function keepTicket(
    one: Connection,
    vouched: Vouched,
    attempt: OpenAttempt | null,
  ): Promise<{ readonly ticket: string; readonly browser: string | null } | 'replayed'> {
    const ticket = newToken();
    const browser = attempt === null ? newToken() : null;
    const browserHash = browser === null ? (attempt?.browser ?? Buffer.alloc(0)) : hashOf(browser);
    const purpose = attempt?.state.for ?? 'sign-in';
    const state: AttemptState = {
      ...{
        version: versionOf(one),
        returnTo: attempt?.state.returnTo ?? '/',
        fresh: attempt?.state.fresh ?? false,
      },
      ...{ for: purpose, shownBy: attempt?.id ?? null, pending: null, vouched: packVouched(vouched) },
    };
    return database.tenant([one.organisation], 'app', async (tx) => {
      const { once } = vouched;
      if (once !== null && leftOut.replay !== true) {
        const fresh = await rememberSeen(
          tx,
          one.organisation,
          one.row.id,
          hashOf(`assertion\n${once.id}`),
          once.until,
        );
        if (!fresh) return 'replayed';
      }
      await keepAttempt(needs, tx, one, { purpose: 'ticket', lookup: ticket, browserHash, state });
      return { ticket, browser };
    });
  }

  return {
    connection,
    places,
    refuse,

    async begin(id, wish, from) {
      const one = await connection(id);
      const usable = one !== undefined && (one.row.live || wish.purpose === 'try');
      if (!usable) return ended(null, 'unknown-connection', from);
      const left = await leave(one, wish);
      if (left === null || typeof left === 'string') return ended(one, left ?? 'provider-unfit', from);
      const state: AttemptState = {
        ...{ version: versionOf(one), returnTo: wish.returnTo, fresh: wish.fresh, for: wish.purpose },
        ...{ shownBy: null, pending: left.pending, vouched: null },
      };
      const kept = { purpose: wish.purpose, lookup: left.lookup, browserHash: hashOf(wish.browser), state };
      const attempt = await database.tenant([one.organisation], 'app', (tx) =>
        keepAttempt(needs, tx, one, kept),
      );
      return { kind: 'leave', url: left.url, attempt };
    },

    async cameBack(id, query, browser, from) {
      const one = await connection(id);
      if (one === undefined || one.settings.kind !== 'oidc') return ended(null, 'unknown-connection', from);
      const settings = oidcSettings(one.settings);
      const attempt = await take(one, query.state ?? '');
      if (typeof attempt === 'string') return ended(one, attempt, from);
      if (!isHers(attempt, browser)) return ended(one, 'other-browser', from);
      const { pending } = attempt.state;
      if (pending === null || settings === null) return ended(one, 'provider-unfit', from, attempt);
      const came = new URL(places(one).redirectUri);
      for (const [name, value] of Object.entries(query)) came.searchParams.set(name, value);
      const judged = await oidc.finish(key(one), settings, came, pending);
      if (judged.kind === 'disbelieved') return ended(one, judged.reason, from, attempt);
      return { kind: 'arrived', connection: one, attempt, vouched: judged.value };
    },

    async posted(id, response, from) {
      const one = await connection(id);
      if (one === undefined || one.settings.kind !== 'saml') return ended(null, 'unknown-connection', from);
      const settings = samlSettings(one.settings);
      if (settings === null) return ended(one, 'provider-unfit', from);
      const judged = await saml.judge(settings, places(one), response, clock.now());
      if (judged.kind === 'disbelieved') return ended(one, judged.reason, from);
      const { vouched, inResponseTo, authenticatedAt } = judged.value;
      if (inResponseTo === null && !(one.row.live && one.row.rules.providerFirst))
        return ended(one, 'unsolicited', from);
      const attempt = inResponseTo === null ? null : await take(one, inResponseTo);
      if (typeof attempt === 'string') return ended(one, attempt, from);
      // ForceAuthn asks for it; whether the provider did it stands in the assertion.
      const age = clock.now().getTime() - authenticatedAt.getTime();
      if (attempt?.state.fresh === true && age > 120_000) return ended(one, 'stale-authentication', from);
      const kept = await keepTicket(one, vouched, attempt);
      return kept === 'replayed' ? ended(one, kept, from) : { kind: 'ticket', ...kept };
    },

    async withTicket(id, ticket, browser, from) {
      const one = await connection(id);
      if (one === undefined) return ended(null, 'unknown-connection', from);
      const attempt = await take(one, ticket);
      if (typeof attempt === 'string') return ended(one, attempt, from);
      if (!isHers(attempt, browser)) return ended(one, 'other-browser', from);
      const { vouched } = attempt.state;
      if (attempt.purpose !== 'ticket' || vouched === null) return ended(one, 'unknown-attempt', from);
      return { kind: 'arrived', connection: one, attempt, vouched: unpackVouched(vouched) };
    },
  };
}
