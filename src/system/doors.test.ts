import { describe, expect, it } from 'vitest';
import { PERMISSIONS } from '#core/actor';
import { createPortal } from '#products/portal';
import { describedRoutes } from '../../scripts/described-routes.ts';
import { workerJobs } from './worker-jobs.ts';

// Everything that can be asked of the system is let in by a permission, or stands here with the reason why not. What is new
// and neither fails.

type Reasons = Readonly<Record<string, readonly string[]>>;

const WITHOUT_PERMISSION: Reasons = {
  'nobody is signed in yet: a token, a passphrase or a factor is proven': [
    'GET /v1/setup',
    'POST /v1/setup/start',
    'POST /v1/invitations/accept',
    'POST /v1/setup/totp/options',
    'POST /v1/setup/totp',
    'POST /v1/setup/passkey/options',
    'POST /v1/setup/passkey',
    'POST /v1/sign-in',
    'POST /v1/sign-in/totp',
    'POST /v1/sign-in/recovery-code',
    'POST /v1/sign-in/mailed-code/send',
    'POST /v1/sign-in/mailed-code',
    'POST /v1/sign-in/texted-code/send',
    'POST /v1/sign-in/texted-code',
    'POST /v1/sign-in/certificate',
    'POST /v1/sign-in/passkey/options',
    'POST /v1/sign-in/passkey',
    'POST /v1/sign-in/passkey-alone/options',
    'POST /v1/sign-in/passkey-alone',
    'POST /v1/sign-in/enrolment/passphrase',
    'POST /v1/sign-in/enrolment/passkey/options',
    'POST /v1/sign-in/enrolment/passkey',
    'POST /v1/recovery/code',
    'POST /v1/recovery/confirm',
  ],
  'where to sign in: says the same of whoever exists and whoever does not': [
    'POST /v1/sign-in/discover',
    'GET /v1/sign-in/organisations/:slug',
  ],
  'single sign-on, before anybody is known: what a provider says is proven by its signature, or is to be found by it':
    [
      'GET /sso/:id/start',
      'GET /sso/:id/callback',
      'POST /sso/:id/acs',
      'GET /sso/:id/finish',
      'GET /sso/:id/metadata',
      'GET /sso/:id/keys',
      'POST /sso/:id/back-channel-logout',
      'POST /sso/:id/logout',
    ],
  "a person's own session and nothing else, whatever their roles": [
    'GET /v1/session',
    'PATCH /v1/session',
    'DELETE /v1/session',
    'POST /v1/session/key',
    'POST /v1/session/tickets',
    'GET /v1/session/provider',
    'GET /v1/session/step-up',
    'POST /v1/session/step-up/totp',
    'POST /v1/session/step-up/passkey/options',
    'POST /v1/session/step-up/passkey',
    'GET /v1/sessions',
    'DELETE /v1/sessions',
    'DELETE /v1/sessions/:id',
    'GET /v1/account',
    'PUT /v1/account/passphrase',
    'POST /v1/account/totp/options',
    'POST /v1/account/totp',
    'POST /v1/account/telephone/options',
    'POST /v1/account/telephone',
    'GET /v1/account/certificate',
    'POST /v1/account/certificate',
    'POST /v1/account/passkey/options',
    'POST /v1/account/passkey',
    'POST /v1/account/recovery-codes',
    'PATCH /v1/account/factors/:id',
    'DELETE /v1/account/factors/:id',
    'GET /v1/break-glass/running',
    'POST /v1/break-glass/:id/end',
  ],
  'what waits for a second person: who may decide follows from the permission of the act that waits': [
    'GET /v1/pending-acts',
    'GET /v1/pending-acts/:id/request',
    'POST /v1/pending-acts/:id/approve',
    'POST /v1/pending-acts/:id/reject',
    'POST /v1/pending-acts/:id/withdraw',
    'POST /v1/pending-acts/:id/answer',
  ],
  'a program proves itself by what it signed; where it does so is told to anybody': [
    'POST /oauth/token',
    'GET /.well-known/oauth-authorization-server',
  ],
  'public keys, made to be found by anybody': [
    'GET /.well-known/openpgpkey/:domain/hu/:hash',
    'GET /.well-known/openpgpkey/hu/:hash',
    'GET /.well-known/openpgpkey/:domain/policy',
  ],
  'for balancers and monitors: says nothing of an organisation, metrics to trusted networks alone': [
    'GET /health/live',
    'GET /health/ready',
    'GET /metrics',
  ],
};

/** Recipients hold no permissions: what they may open follows from their link, their session and their proofs. */
const PORTAL: Reasons = {
  'before somebody is known: a link, a code or a passkey is proven': [
    'GET /m/:token',
    'POST /m/:token',
    'GET /sign-in',
    'POST /sign-in',
    'GET /code',
    'POST /code',
    'POST /code/again',
    'GET /sign-out',
    'POST /sign-out',
    'GET /signed-out',
    'POST /passkey',
    'GET /portal/:id',
    'GET /portal/:id/start',
    'GET /portal/:id/initiate',
    'POST /portal/:id/initiate',
    'GET /portal/:id/callback',
    'GET /portal/:id/keys',
    'GET /ways',
    'POST /ways',
  ],
  'signed by an organisation’s own patient portal': ['POST /portal/:id/back-channel-logout'],
  "the reader's own, found by their portal session": [
    'POST /passkeys',
    'GET /messages/:id/prove',
    'POST /messages/:id/prove',
    'GET /messages',
    'GET /messages/:id',
    'GET /messages/:id/body',
    'GET /messages/:id/attachments/:index',
    'GET /messages/:id/attachments/:index/preview',
    'GET /messages/:id/attachments/:index/content',
    'GET /messages/:id/print',
    'GET /messages/:id/reply',
    'POST /messages/:id/reply',
    'GET /messages/:id/reply-sent',
    'GET /write',
    'POST /write',
    'GET /written/:id',
    'GET /search',
    'POST /search',
    'GET /pdf-passwords',
    'GET /pdf-passwords/:id',
    'POST /organisation',
    'GET /access',
    'POST /access/withdraw',
    'GET /preferences',
    'POST /preferences/keys',
    'POST /preferences/waiver/withdraw',
    'POST /preferences/texts',
    'POST /preferences/ask',
    'POST /preferences/confirm',
  ],
  'the same for everybody': [
    'GET /',
    'GET /help',
    'POST /language',
    'GET /robots.txt',
    'GET /assets/:version/:name',
  ],
};

/** Jobs act as the system, on the clock's word and nobody's wish: each says what it touches. */
const JOBS: Reasons = {
  'gives what was recorded its place': ['sequence-events', 'sequence-audit'],
  'makes what was recorded searchable': ['index-audit'],
  'ends what its own date ends': [
    'expire-portal-copies',
    'sweep-pdf-passwords',
    'sweep-texts',
    'end-emergency-access',
    'forget-held-acts',
  ],
  'tells senders what was not read, as the policy has it': ['report-unread-portal-copies'],
  'seals or makes over what is stored': ['seal-portal-addresses', 'make-partitions', 'drop-unused-keys'],
  'removes what is over': [
    'sweep-portal',
    'sweep-blobs',
    'sweep-answers',
    'sweep-usage',
    'sweep-key-look-ups',
    'sweep-policy-replays',
    'sweep-permission-use',
    'sweep-single-sign-on',
    'sweep-access',
  ],
  'tells people of sign-ins as them, once a day': ['tell-sign-in-trouble'],
  'puts keys that end soon on record, and removes tokens that are over': ['tend-machine-credentials'],
  'goes on with what somebody with the permission has begun': ['replay-policies', 'open-access-reviews'],
};

const all = (reasons: Reasons): string[] => Object.values(reasons).flat().sort();

/** Stands in for every port: routes and jobs only keep it, and nothing here is called. */
const nothing: never = new Proxy(() => undefined, {
  get: (_target, key): unknown => (key === Symbol.toPrimitive ? () => 'x' : nothing),
  apply: (): unknown => nothing,
}) as never;

// The first to be imported reads the whole server, which takes its time on a machine that is busy.
describe('every way in', { timeout: 30_000 }, () => {
  it('of the API asks for a permission that exists, or stands on the list with its reason', () => {
    const routes = describedRoutes();
    const without = routes
      .filter(({ access }) => typeof access === 'string')
      .map(({ method, path }) => `${method} ${path}`);
    expect(without.sort()).toEqual(all(WITHOUT_PERMISSION));
    const asked = routes.flatMap(({ access }) => (typeof access === 'string' ? [] : [access.permission]));
    expect(asked.length).toBeGreaterThan(100);
    for (const permission of asked) expect(PERMISSIONS).toContain(permission);
  });

  it('of the portal stands on the list with its reason', () => {
    const routes = createPortal(nothing).routes();
    expect(routes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(all(PORTAL));
  });

  it('of the worker stands on the list with what it touches', () => {
    const jobs = workerJobs(nothing, nothing, nothing, nothing, nothing);
    expect(jobs.map(({ name }) => name).sort()).toEqual(all(JOBS));
  });

  it('that changes who may do what asks for a fresh proof', () => {
    const changing = describedRoutes().filter(
      ({ method, access }) =>
        method !== 'GET' && typeof access !== 'string' && access.permission === 'roles:write',
    );
    expect(changing.length).toBeGreaterThan(10);
    expect(changing.filter(({ stepUp }) => !stepUp).map(({ path }) => path)).toEqual([]);
  });
});
