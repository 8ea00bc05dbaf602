import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  assertionXml,
  base64,
  logoutXml,
  responseXml,
  SAML_ENTITY,
  SAML_SIGN_IN,
  type Said,
  type SamlIdpKeys,
  samlIdpKeys,
  samlifyIdp,
  signXml,
} from '../../../test/support/saml-idp.ts';
import { createConnections } from './connections.ts';
import { createRoad } from './road.ts';
import { type Browser, type Change, type Connection, openSignOnStage, type SignOnStage } from './test-kit.ts';

let stage: SignOnStage;
let connection: Connection;
let keys: SamlIdpKeys;
let wrong: SamlIdpKeys;

const change = (more: Partial<Change> = {}, rules: Partial<Change['rules']> = {}): Change => ({
  name: 'Hospital',
  live: true,
  provider: {
    ...{ kind: 'saml', entityId: SAML_ENTITY, signInUrl: SAML_SIGN_IN, signOutUrl: 'https://idp.test/out' },
    certificates: [keys.cert],
  },
  domains: ['c1.test'],
  enforced: false,
  exempt: [],
  ...more,
  rules: {
    ...connection.rules,
    jit: true,
    mapping: [{ value: 'nurses', roles: ['nurse'], group: false }],
    ...rules,
  },
});
const put = (more: Partial<Change> = {}, rules: Partial<Change['rules']> = {}) =>
  stage.api<Connection>('PUT', `/v1/sso-connections/${connection.id}`, change(more, rules));

beforeAll(async () => {
  stage = await openSignOnStage();
  [keys, wrong] = await Promise.all([samlIdpKeys(), samlIdpKeys()]);
  connection = (
    await stage.api<Connection>('POST', '/v1/sso-connections', { kind: 'saml', name: 'Hospital' })
  ).body;
});
afterAll(() => stage.close());
beforeEach(async () => {
  expect((await put()).status).toBe(200);
});

const said = (subject: string, inResponseTo: string | null, more: Partial<Said> = {}): Said => ({
  acs: connection.places.acsUrl,
  audience: connection.places.entityId,
  subject,
  inResponseTo,
  attributes: { email: [`${subject}@c1.test`], displayName: [subject], groups: ['nurses'] },
  ...more,
});
const signedResponse = (content: Said, by = keys): string =>
  base64(signXml(responseXml(assertionXml(content), content), 'Assertion', by));

/** Leaves for the provider; what was asked there. */
async function leave(browser: Browser = stage.browser()) {
  const { location } = await browser.get(`/sso/${connection.id}/start?to=/messages`);
  const xml = inflateRawSync(
    Buffer.from(new URL(location).searchParams.get('SAMLRequest') ?? '', 'base64'),
  ).toString();
  return { browser, url: location, xml, request: /ID="([^"]+)"/.exec(xml)?.[1] ?? '' };
}

/** The provider's form is posted, then the browser follows where it is sent. */
async function post(browser: Browser, SAMLResponse: string) {
  const posted = await browser.postFromElsewhere(connection.places.acsUrl, { SAMLResponse });
  if (!posted.location.includes('/finish?')) return posted.location;
  return (await browser.get(posted.location)).location;
}
const lastRefusal = () => stage.refusals().at(-1);

const FAILED = '/sign-in?refused=try-again';

describe('a sign-in at a SAML provider', () => {
  const metadata = async () =>
    (await stage.server.inject({ method: 'GET', path: `/sso/${connection.id}/metadata` })).text;

  it.each([
    ['signed', false],
    ['encrypted', true],
  ])('of another maker (samlify), %s, makes a session', async (name, encrypted) => {
    const idp = samlifyIdp(keys, await metadata(), encrypted);
    const { browser, url } = await leave();
    const { inResponseTo: _none, ...content } = said(`ann-${name}`, null);
    const answer = await idp.answer(url, content);
    const shown = Buffer.from(answer, 'base64').toString('utf8');
    expect(shown.includes('EncryptedAssertion')).toBe(encrypted);
    expect(shown.includes('c1.test')).toBe(!encrypted);
    expect(await post(browser, answer)).toBe('/messages');
    const live = await stage.live(browser.session());
    expect(live?.session.factors).toEqual(['saml']);
    expect(live?.permissions.has('messages:read-content')).toBe(true);
  });

  it('asks by a signed request that names where to answer', async () => {
    const { xml, url } = await leave();
    expect(xml).toContain(`AssertionConsumerServiceURL="${connection.places.acsUrl}"`);
    const { searchParams } = new URL(url);
    expect(searchParams.get('SigAlg')).toBe('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256');
    expect(searchParams.get('Signature')?.length).toBeGreaterThan(300);
    expect(await metadata()).toMatch(/WantAssertionsSigned="true"/);
  });

  it('reads the provider’s own metadata', async () => {
    const idp = samlifyIdp(keys, await metadata(), false);
    const read = await stage.api<{ certificates: { pem: string }[] }>(
      'POST',
      '/v1/sso-connections/read-metadata',
      {
        xml: idp.metadata(),
      },
    );
    expect(read.body).toMatchObject({ entityId: SAML_ENTITY, signInUrl: SAML_SIGN_IN });
    expect(read.body.certificates[0]?.pem.replace(/\s/g, '')).toBe(keys.cert.replace(/\s/g, ''));
    const bad = await stage.api('POST', '/v1/sso-connections/read-metadata', {
      xml: '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    });
    expect(bad.status).toBe(422);
    const inside = await stage.api('POST', '/v1/sso-connections/read-metadata', {
      url: 'https://127.0.0.2/metadata',
    });
    expect(inside.status).toBe(503);
  });
});

describe('a response that is not believed', () => {
  it.each([
    ['expired', { notOnOrAfter: -61_000 }, 'expired'],
    ['not yet good', { notBefore: 300_000 }, 'expired'],
    ['for another audience', { audience: 'https://other.test' }, 'audience-mismatch'],
    ['for another recipient', { recipient: 'https://other.test/acs' }, 'recipient-mismatch'],
    ['of another issuer', { issuer: 'https://evil.test' }, 'issuer-mismatch'],
    ['answering a request that we did not send', { inResponseTo: '_unknown' }, 'unknown-attempt'],
    ['answering nothing', { inResponseTo: null }, 'unsolicited'],
  ])('%s', async (_name, more: Partial<Said>, reason) => {
    const { browser, request } = await leave();
    expect(await post(browser, signedResponse(said('bob', request, more)))).toBe(FAILED);
    expect(lastRefusal()).toBe(reason);
    expect(browser.session()).toBeUndefined();
  });

  it('unsigned, or signed by another certificate, or by SHA-1', async () => {
    const { browser, request } = await leave();
    const content = said('bob', request);
    const bare = responseXml(assertionXml(content), content);
    expect(await post(browser, base64(bare))).toBe(FAILED);
    expect(lastRefusal()).toBe('signature-invalid');
    expect(await post(browser, signedResponse(content, wrong))).toBe(FAILED);
    expect(lastRefusal()).toBe('signature-invalid');
    expect(await post(browser, base64(signXml(bare, 'Assertion', keys, 'sha1')))).toBe(FAILED);
    expect(lastRefusal()).toBe('algorithm-refused');
    // A signature of the response alone does not cover what is taken from an assertion elsewhere.
    expect(await post(browser, base64(signXml(bare, 'Response', keys)))).toBe(FAILED);
    expect(lastRefusal()).toBe('signature-invalid');
    expect(await post(browser, signedResponse(content))).toBe('/messages');
  });

  it('changed after it was signed', async () => {
    const { browser, request } = await leave();
    const xml = Buffer.from(signedResponse(said('bob', request)), 'base64').toString('utf8');
    expect(await post(browser, base64(xml.replaceAll('bob', 'eve')))).toBe(FAILED);
    expect(lastRefusal()).toBe('signature-invalid');
  });

  it('with another assertion wrapped around, before, or inside of the signed one', async () => {
    const { browser, request } = await leave();
    const content = said('bob', request);
    const signed = Buffer.from(signedResponse(content), 'base64').toString('utf8');
    const honest = /<saml:Assertion.*<\/saml:Assertion>/s.exec(signed)?.[0] ?? '';
    const evil = assertionXml(said('eve', request));
    const wrapped = [
      responseXml(`${evil}${honest}`, content),
      responseXml(`${honest}${evil}`, content),
      responseXml(
        evil.replace('</saml:Assertion>', `<saml:Advice>${honest}</saml:Advice></saml:Assertion>`),
        content,
      ),
      responseXml(`<samlp:Extensions>${honest}</samlp:Extensions>${evil}`, content),
      responseXml(
        `${evil}<x:Object xmlns:x="http://www.w3.org/2000/09/xmldsig#">${honest}</x:Object>`,
        content,
      ),
    ];
    for (const xml of wrapped) {
      expect(await post(browser, base64(xml))).toBe(FAILED);
      expect(lastRefusal()).toBe('malformed');
    }
    // The library alone refuses these too, but for its own reasons: two looks, and neither lets one pass.
    for (const xml of wrapped) {
      const { saml } = stage.needs;
      const settings = {
        ...{ entityId: SAML_ENTITY, signInUrl: SAML_SIGN_IN, signOutUrl: null, certificates: [keys.cert] },
        ...{ key: keys.key, certificate: keys.cert },
      };
      const judged = await saml.judge(settings, connection.places, base64(xml), new Date(), {
        envelope: true,
      });
      expect(judged.kind === 'believed' ? judged.value.vouched.subject : judged.kind).not.toBe('eve');
    }
  });

  it('with markup that means one thing to one reader and another to the next', async () => {
    const { browser, request } = await leave();
    const content = said('bob@c1.test', request);
    const xml = Buffer.from(signedResponse(content), 'base64').toString('utf8');
    for (const bent of [
      xml.replace('bob@c1.test', 'bob@c1.test<!-- -->.evil.test'),
      `<!DOCTYPE r [<!ENTITY e "bob">]>${xml}`,
      xml.replace('bob@c1.test', '<![CDATA[bob]]>'),
      xml.replace('<saml:Subject>', '<?go on?><saml:Subject>'),
    ]) {
      expect(await post(browser, base64(bent))).toBe(FAILED);
      expect(lastRefusal()).toBe('markup-refused');
    }
  });

  it('a comment inside of a name, signed without it, is refused too', async () => {
    const { browser, request } = await leave();
    // Canonical form leaves comments out, so the signature holds over the longer name; a reader that stops at the comment sees `bob`.
    const content = said('bob', request);
    const bent = assertionXml(content).replace('>bob<', '>bob<!-- -->.evil<');
    const xml = signXml(responseXml(bent, content), 'Assertion', keys);
    expect(await post(browser, base64(xml))).toBe(FAILED);
    expect(lastRefusal()).toBe('markup-refused');
  });

  it('a second time, also with a request of its own; without the memory it would pass', async () => {
    const first = await leave();
    const assertionId = '_once';
    expect(await post(first.browser, signedResponse(said('carl', first.request, { assertionId })))).toBe(
      '/messages',
    );
    expect(await post(first.browser, signedResponse(said('carl', first.request, { assertionId })))).toBe(
      FAILED,
    );
    expect(lastRefusal()).toBe('unknown-attempt');
    const second = await leave();
    const again = signedResponse(said('carl', second.request, { assertionId }));
    expect(await post(second.browser, again)).toBe(FAILED);
    expect(lastRefusal()).toBe('replayed');
    const third = await leave();
    const forgetful = createRoad(stage.needs, createConnections(stage.needs), { replay: true });
    const from = { origin: { address: null, channel: 'console' }, request: null } as const;
    const passed = await forgetful.posted(
      connection.id,
      signedResponse(said('carl', third.request, { assertionId })),
      from,
    );
    expect(passed.kind).toBe('ticket');
  });

  it('to a request of another browser: what it is believed for waits for that one', async () => {
    const attacker = await leave();
    const victim = stage.browser();
    expect(await post(victim, signedResponse(said('mallory', attacker.request)))).toBe(FAILED);
    expect(lastRefusal()).toBe('other-browser');
    expect(victim.session()).toBeUndefined();
    // Nor can a victim's answer be finished elsewhere: the ticket alone is not enough.
    const honest = await leave();
    const posted = await honest.browser.postFromElsewhere(connection.places.acsUrl, {
      SAMLResponse: signedResponse(said('dora', honest.request)),
    });
    expect((await stage.browser().get(posted.location)).location).toBe(FAILED);
  });
});

describe('a provider that speaks first', () => {
  it('is heard where the connection allows it, once, in the browser that was posted through', async () => {
    await put({}, { providerFirst: true });
    const browser = stage.browser();
    const answer = signedResponse(said('ella', null));
    expect(await post(browser, answer)).toBe('/');
    expect(await stage.live(browser.session())).not.toBeNull();
    expect(await post(stage.browser(), answer)).toBe(FAILED);
    expect(lastRefusal()).toBe('replayed');
  });

  it('ends the sessions of a person by a signed request, and no other does', async () => {
    const { browser, request } = await leave();
    await post(browser, signedResponse(said('frida', request)));
    const ask = (xml: string) =>
      stage
        .browser()
        .postFromElsewhere(connection.places.logoutUrl, { SAMLRequest: base64(xml), RelayState: 'r' });
    const wanted = logoutXml(connection.places.logoutUrl, 'frida');
    expect((await ask(wanted)).location).toBe(FAILED);
    expect((await ask(signXml(wanted, 'LogoutRequest', wrong))).location).toBe(FAILED);
    // What the provider signed for another of its services, which hands it on to us.
    const anywhere = wanted.replace(/ Destination="[^"]*"/, '');
    expect((await ask(signXml(anywhere, 'LogoutRequest', keys))).location).toBe(FAILED);
    expect(lastRefusal()).toBe('recipient-mismatch');
    const another = wanted.replace(/(<saml:Issuer>)[^<]*/, '$1https://other-idp.test');
    expect((await ask(signXml(another, 'LogoutRequest', keys))).location).toBe(FAILED);
    expect(lastRefusal()).toBe('issuer-mismatch');
    expect(await stage.live(browser.session())).not.toBeNull();
    const answered = new URL((await ask(signXml(wanted, 'LogoutRequest', keys))).location);
    expect(answered.origin + answered.pathname).toBe('https://idp.test/out');
    expect(answered.searchParams.get('SAMLResponse')).not.toBeNull();
    expect(await stage.live(browser.session())).toBeNull();
    expect((await ask(signXml(wanted, 'LogoutRequest', keys))).location).toBe(FAILED);
    expect(lastRefusal()).toBe('replayed');
  });
});
