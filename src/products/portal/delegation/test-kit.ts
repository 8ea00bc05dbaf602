// For this room's tests only: organisations with a patient portal of their own, which is a real OpenID provider.
import type { Caller } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import { newId } from '#platform/runtime';
import { type OidcIdp, startOidcIdp } from '../../../../test/support/oidc-idp.ts';
import { PageBrowser } from '../../../../test/support/page-browser.ts';
import { openPortalStage, type Placed } from '../../../../test/support/portal.ts';
import type { DelegationChange } from './delegations.ts';
import { delegationPlaces } from './settings.ts';

export const BASE = 'http://localhost:8026';
export const SESSION = '__Host-sealpost-portal';
export const ATTEMPT = '__Host-sealpost-delegation';

/** An organisation, its patient portal, and the delegation between the two. */
export interface House {
  readonly organisation: OrganisationId;
  readonly idp: OidcIdp;
  readonly id: string;
  readonly caller: Caller;
}

export type Change = Partial<Omit<DelegationChange, 'rules'>> & {
  readonly rules?: Partial<DelegationChange['rules']>;
};

export async function openDelegationStage() {
  const stage = await openPortalStage();
  const idps: OidcIdp[] = [];
  let network = 0;

  function callerAt(organisation: OrganisationId): Caller {
    return {
      ...{ organisation, permissions: new Set(['organisation:read', 'organisation:write']), request: 'r' },
      actor: { kind: 'person', identity: newId() as never, session: newId() as never },
      origin: { address: null, channel: 'api' },
    };
  }

  async function set(house: Pick<House, 'caller' | 'idp'>, { rules, ...more }: Change = {}) {
    const { client, issuer } = house.idp;
    return stage.portal.delegations.set(house.caller, {
      ...{ name: 'MyChart', mode: 'beside' },
      provider: {
        ...{ issuer, clientId: client.id, secret: client.secret, method: 'client_secret_basic' },
        ...{ scopes: ['email'], userInfo: true },
      },
      rules: { claim: 'email', names: 'address', verified: true, strong: [], ...rules },
      ...more,
    });
  }

  async function house(name: string): Promise<House> {
    const organisation = await stage.organisation(name);
    const caller = callerAt(organisation);
    const made = await stage.portal.delegations.set(caller, {
      ...{ name: 'MyChart', mode: 'off', provider: null },
      rules: { claim: 'email', names: 'address', verified: true, strong: [] },
    });
    const { id } = made.row;
    const { redirectUri, backChannelLogoutUri } = delegationPlaces(BASE, id);
    const more = { backchannel_logout_uri: backChannelLogoutUri };
    const idp = await startOidcIdp(() => [redirectUri], more);
    idps.push(idp);
    const one = { organisation, idp, id, caller };
    await set(one);
    return one;
  }

  const browser = (): PageBrowser => {
    network += 1;
    return new PageBrowser(stage.server, { address: `10.4.${network}.1` });
  };

  /** Who sits in front of the browser at that portal. */
  function person({ idp }: House, email: string, more: Readonly<Record<string, unknown>> = {}): void {
    idp.forget();
    idp.person = { sub: `account of ${email}`, claims: { email, email_verified: true, ...more } };
  }

  /** To the portal and back: the address that it sends the browser to, below ours. */
  async function there(reader: PageBrowser, house: House, path?: string): Promise<string> {
    const left = await reader.once(path ?? `/portal/${house.id}/start`);
    if (left.status !== 303) throw new Error(`not sent out: ${left.status}`);
    return (await house.idp.visit(String(left.headers.location))).replace(BASE, '');
  }

  /** The whole way, to the page that it ends at. */
  async function signIn(at: House, email: string, message?: string): Promise<PageBrowser> {
    const reader = browser();
    person(at, email);
    const query = message === undefined ? '' : `?message=${message}`;
    await reader.get(await there(reader, at, `/portal/${at.id}/start${query}`));
    return reader;
  }

  const entries = (organisation: OrganisationId) =>
    stage.database.tenant([organisation], 'app', async (tx) =>
      (
        await tx.query<{ leaf: Buffer }>({
          text: 'select leaf from sealpost.audit_entry where organisation = $1 order by id',
          values: [organisation],
        })
      ).map(({ leaf }) => JSON.parse(leaf.toString())),
    );

  /** Why the last one was not let in there. */
  async function lastRefusal({ organisation }: House): Promise<unknown> {
    const all = await entries(organisation);
    return all.findLast(({ action }) => action === 'portal.delegation-refused')?.details.reason;
  }

  async function codeBy(reader: PageBrowser, placed: Placed, remember = false): Promise<void> {
    await reader.get(`/m/${placed.linkToken}`);
    await reader.press(/^\/m\//, {}, 'code');
    await typeCode(reader, 'mail', remember);
  }

  async function typeCode(reader: PageBrowser, by: 'mail' | 'text', remember = false): Promise<void> {
    const body = (by === 'text' ? stage.texts : stage.notices).at(-1)?.body;
    const code = body?.kind === 'sign-in-code' ? body.code : '';
    await reader.press('/code', { code, ...(remember ? { remember: 'yes' } : {}) });
  }

  return {
    ...{ stage, house, set, browser, person, there, signIn, entries, lastRefusal, codeBy, typeCode },
    async close() {
      await Promise.all(idps.map((idp) => idp.close()));
      await stage.close();
    },
  };
}

export type DelegationStage = Awaited<ReturnType<typeof openDelegationStage>>;
