import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FOUR_EYES_CODES } from '#platform/http';
import { NAMED_BY_ASKER, SECRET_FIELD } from '#products/safeguards';
import { describedRoutes } from '../../scripts/described-routes.ts';

// An act that is sensitive enough to ask for a factor again either can be made to want a second person, or stands here with the
// reason why not. What is new and neither fails.

const WITHOUT: Readonly<Record<string, readonly string[]>> = {
  'one’s own account: nobody else could tell': [
    'PATCH /v1/account/factors/:id',
    'DELETE /v1/account/factors/:id',
    'POST /v1/account/totp/options',
    'POST /v1/account/totp',
    'POST /v1/account/passkey/options',
    'POST /v1/account/passkey',
    'POST /v1/account/certificate',
    'POST /v1/account/telephone/options',
    'POST /v1/account/telephone',
    'PUT /v1/account/passphrase',
    'POST /v1/account/recovery-codes',
  ],
  'takes access away and gives none; whoever does it in an emergency must not wait': [
    'DELETE /v1/members/:id/sessions',
    'DELETE /v1/members/:id/sessions/:session',
    'DELETE /v1/groups/:id',
    'DELETE /v1/groups/:id/members/:identity',
    'DELETE /v1/care-relationships/:id',
    'POST /v1/access-review-items/:id/decide',
    'POST /v1/provisioning/runs/:id/confirm',
    'POST /v1/openpgp-key/:id/revoke',
  ],
  'opens nothing by itself: an empty group, a name, a connection that is off': [
    'POST /v1/groups',
    'PUT /v1/groups/:id',
    'POST /v1/sso-connections',
  ],
  'adds to what is watched, and tells ids and codes alone': [
    'POST /v1/alert-rules',
    'POST /v1/alert-channels',
  ],
  'daily work for one patient or one device, on record and with an end': [
    'POST /v1/care-relationships',
    'PUT /v1/devices/:id',
  ],
  'the organisation’s own keys, which are made anew or taken out of use; nothing is protected less': [
    'POST /v1/openpgp-key/rotate',
    'POST /v1/openpgp-key/:id/revocation-certificate',
    'PUT /v1/signing-certificate',
    'DELETE /v1/signing-certificate',
  ],
  'policies have proposals of their own, with which their text can be compared': [
    'PUT /v1/policy',
    'PUT /v1/policy/settings',
    'POST /v1/policy/proposals/:id/approve',
  ],
  'is a second person already': ['POST /v1/pending-acts/:id/approve'],
  'an emergency does not wait; it alarms others and is reviewed': ['POST /v1/break-glass'],
  'a file that streams to the browser: an act that waits has none to give it to. It asks for a factor and is on record':
    ['GET /v1/audit/export', 'GET /v1/audit/export/manifest', 'GET /v1/access-reviews/:id/report'],
  'is repeated under an idempotency key, which an act that waits cannot keep; gives nothing in organisations that exist':
    ['POST /v1/organisations'],
  'says with a name that somebody looked; switches nothing': ['PUT /v1/security-score/attestations/:code'],
};

/** What the second person is not shown, and what is shown although its name sounds like a secret, with the reason why. */
const WITHHELD = ['clientKey', 'key', 'password', 'secret'];
const SHOWN: Readonly<Record<string, string>> = {
  authorities: 'certificates, which are public',
  key_ops: 'what a public key is for',
  keys: 'a set of public keys: an object',
  keyTransport: 'a kind of encryption',
  spki: 'the hash of a public key',
  tokenSeconds: 'how long tokens last',
  passphrase: 'demands on passphrases, never one: an object',
};

const hasFreeNames = (schema: unknown): boolean =>
  typeof schema === 'object' && schema !== null && 'propertyNames' in schema;

/** Last names of all fields below a schema, as a client is told of them. */
function namesIn(schema: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(schema)) for (const one of schema) namesIn(one, found);
  else if (typeof schema === 'object' && schema !== null)
    for (const [name, below] of Object.entries(schema)) {
      if (name === 'properties')
        for (const [one, of] of Object.entries(below)) found.add(hasFreeNames(of) ? `${one}.*` : one);
      namesIn(below, found);
    }
  return found;
}

const routes = describedRoutes().map((route) => ({ ...route, name: `${route.method} ${route.path}` }));

describe('a second person', () => {
  it('can be wanted for every act that asks for a factor again, but for those with a reason', () => {
    const without = routes.filter(({ stepUp, fourEyes }) => stepUp && fourEyes === null);
    expect(without.map(({ name }) => name).sort()).toEqual(Object.values(WITHOUT).flat().sort());
  });

  it('is asked for nothing that a person could not be asked for again', () => {
    const guarded = routes.filter(({ fourEyes }) => fourEyes !== null);
    expect(guarded.filter(({ stepUp }) => !stepUp).map(({ name }) => name)).toEqual([]);
    expect(guarded.filter(({ method }) => method === 'GET').map(({ name }) => name)).toEqual([]);
  });

  it('has acts of every kind that can be chosen', () => {
    const kinds = new Set(routes.map(({ fourEyes }) => fourEyes));
    expect([...kinds].filter((kind) => kind !== null).sort()).toEqual(
      [...FOUR_EYES_CODES, 'settings'].sort(),
    );
  });

  it('is shown every value of an act but its secrets, whose names say so', () => {
    const names = new Set<string>();
    for (const { fourEyes, body } of routes) {
      if (fourEyes === null || body === undefined) continue;
      if (!('_zod' in body)) throw new Error('what is no JSON cannot be shown to whoever decides');
      namesIn(z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' }), names);
    }
    expect(names.size).toBeGreaterThan(100);
    expect([...names].filter((name) => name.endsWith('.*'))).toEqual(
      NAMED_BY_ASKER.map((name) => `${name}.*`),
    );
    const withheld = [...names].filter((name) => SECRET_FIELD.test(name) && !(name in SHOWN));
    expect(withheld.sort()).toEqual(WITHHELD);
    const sounds = /pass|pwd|secret|token|credential|private|seed|pin$|bearer|auth|cookie|key(?!s$)/i;
    const unsaid = [...names].filter(
      (name) => sounds.test(name) && !SECRET_FIELD.test(name) && !(name in SHOWN),
    );
    expect(unsaid).toEqual([]);
  });
});
