import { describe, expect, it } from 'vitest';
import { FOUR_EYES_CODES } from '#platform/http';
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
});
