import { randomBytes } from 'node:crypto';
import { SAML, type SamlConfig, ValidateInResponseTo } from '@node-saml/node-saml';
import { decrypt } from 'xml-encryption';
import { type Believed, believe, type Disbelief, disbelieve } from './outcome.ts';
import { type ReadAssertion, readAssertion } from './saml-assertion.ts';
import { judgeEnvelope, judgeMarkup, judgeOpened, readMessage } from './saml-envelope.ts';
import {
  ASSERTION_NS,
  PROTOCOL_NS,
  SAML_SKEW_MS,
  type SamlSettings,
  type ServiceProvider,
} from './saml-settings.ts';
import { attributeOf, onlyChild, parseSafely, plainText, type XmlElement } from './saml-xml.ts';

/** Checks that a test leaves out to show what they are for. Nothing in production. */
export interface SamlLeftOut {
  /** What stands before the signature: shape, markup, algorithms. */
  readonly envelope?: true;
}

export interface SamlLogout {
  readonly id: string;
  readonly subject: string;
  readonly sid: string | null;
}

/** Service provider of SAML 2.0: redirect out (signed), POST in. No I/O; clocks and what came once are the caller's. */
export interface Saml {
  begin(
    settings: SamlSettings,
    service: ServiceProvider,
    wish: { readonly fresh: boolean; readonly relay: string | null },
  ): Promise<{ readonly url: string; readonly requestId: string }>;
  judge(
    settings: SamlSettings,
    service: ServiceProvider,
    response: string,
    now: Date,
    leftOut?: SamlLeftOut,
  ): Promise<Believed<ReadAssertion>>;
  /** A LogoutRequest by HTTP-POST, signed by the provider. */
  judgeLogout(
    settings: SamlSettings,
    service: ServiceProvider,
    request: string,
    now: Date,
  ): Promise<Believed<SamlLogout>>;
  /** Where the browser takes our answer to such a request; null where the provider names no place. */
  logoutAnswer(
    settings: SamlSettings,
    service: ServiceProvider,
    id: string,
    relay: string | null,
  ): Promise<string | null>;
  /** What the provider's administrator loads. */
  metadata(settings: Pick<SamlSettings, 'key' | 'certificate'>, service: ServiceProvider): string;
}

export function createSaml(): Saml {
  return {
    async begin(settings, service, { fresh, relay }) {
      const requestId = `_${randomBytes(20).toString('hex')}`;
      const one = provider(settings, service, { forceAuthn: fresh, generateUniqueId: () => requestId });
      return { url: await one.getAuthorizeUrlAsync(relay ?? '', undefined, {}), requestId };
    },

    async judge(settings, service, response, now, leftOut = {}) {
      const xml = readMessage(response);
      if (xml === null) return disbelieve('malformed');
      const looked = judgeEnvelope(xml, settings.entityId, service);
      if (typeof looked === 'string' && leftOut.envelope !== true) return disbelieve(looked);
      if (typeof looked !== 'string' && looked.encrypted !== null) {
        const wrong = await judgeEncrypted(looked.encrypted, settings.key);
        if (wrong !== null) return disbelieve(wrong);
      }
      const signed = await signedAssertion(provider(settings, service, SIGNATURE_ONLY), xml);
      return signed === null
        ? disbelieve('signature-invalid')
        : readAssertion(signed, settings.entityId, service, now);
    },

    async judgeLogout(settings, service, request, now) {
      const xml = readMessage(request);
      const root = xml === null ? null : parseSafely(xml);
      if (root === null) return disbelieve('markup-refused');
      const wrong = judgeLogoutEnvelope(root, settings.entityId, service, now);
      if (wrong !== null) return disbelieve(wrong);
      return signedLogout(provider(settings, service, {}), request);
    },

    async logoutAnswer(settings, service, id, relay) {
      if (settings.signOutUrl === null) return null;
      const asked = { issuer: settings.entityId, nameID: '', nameIDFormat: '', ID: id };
      return provider(settings, service, {}).getLogoutResponseUrlAsync(asked, relay ?? '', {}, true);
    },

    metadata: ({ key, certificate }, service) =>
      provider(
        { entityId: '', signInUrl: '', signOutUrl: null, certificates: [certificate], key, certificate },
        service,
        {},
      ).generateServiceProviderMetadata(certificate, certificate),
  };
}

/**
 * The library judges the signature and opens what is encrypted; issuer, audience, times and recipient are read from what was signed in
 * `readAssertion`, each with a reason of its own. -1 and false are its ways to say so.
 */
const SIGNATURE_ONLY = { acceptedClockSkewMs: -1, audience: false } as const;

function provider(settings: SamlSettings, service: ServiceProvider, more: Partial<SamlConfig>): SAML {
  return new SAML({
    issuer: service.entityId,
    callbackUrl: service.acsUrl,
    logoutCallbackUrl: service.logoutUrl,
    audience: service.entityId,
    entryPoint: settings.signInUrl,
    logoutUrl: settings.signOutUrl ?? settings.signInUrl,
    idpCert: [...settings.certificates],
    idpIssuer: settings.entityId,
    privateKey: settings.key,
    publicCert: settings.certificate,
    decryptionPvk: settings.key,
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    identifierFormat: null,
    // What the provider offers is its own choice; what it used is told and judged afterwards.
    disableRequestedAuthnContext: true,
    // The answer's request is looked up and used in the database, by all processes; see the caller.
    validateInResponseTo: ValidateInResponseTo.never,
    acceptedClockSkewMs: SAML_SKEW_MS,
    ...more,
  });
}

/** The octets that the provider signed, canonical; null when no signature of its certificates covers the assertion. */
async function signedAssertion(one: SAML, xml: string): Promise<string | null> {
  try {
    const { profile } = await one.validatePostResponseAsync({
      SAMLResponse: Buffer.from(xml, 'utf8').toString('base64'),
    });
    return profile?.getAssertionXml?.() ?? null;
  } catch {
    // The library says everything that is wrong by throwing, with texts that may hold names.
    return null;
  }
}

async function judgeEncrypted(encrypted: XmlElement, key: string): Promise<Disbelief | null> {
  let opened: string;
  try {
    opened = await new Promise<string>((resolve, reject) => {
      const options = { key, disallowDecryptionWithInsecureAlgorithm: false, warnInsecureAlgorithm: false };
      decrypt(encrypted.toString(), options, (error, text) =>
        error === null && typeof text === 'string'
          ? resolve(text)
          : reject(error ?? new Error('nothing opened')),
      );
    });
  } catch {
    // One answer for everything, so that no padding can be told from another.
    return 'signature-invalid';
  }
  return judgeOpened(opened);
}

/** The whole request is signed. Its destination is not optional then (SAML 2.0 Bindings, 3.5.5.2): no assertion says whom it is for. */
function judgeLogoutEnvelope(
  root: XmlElement,
  provider: string,
  { logoutUrl }: ServiceProvider,
  now: Date,
): Disbelief | null {
  if (root.localName !== 'LogoutRequest' || root.namespaceURI !== PROTOCOL_NS) return 'malformed';
  if (attributeOf(root, 'Destination') !== logoutUrl) return 'recipient-mismatch';
  const issuer = onlyChild(root, ASSERTION_NS, 'Issuer');
  if (issuer === null || plainText(issuer)?.trim() !== provider) return 'issuer-mismatch';
  const issued = Date.parse(attributeOf(root, 'IssueInstant') ?? '');
  if (!(Math.abs(now.getTime() - issued) <= 5 * SAML_SKEW_MS)) return 'expired';
  return judgeMarkup(root);
}

async function signedLogout(one: SAML, request: string): Promise<Believed<SamlLogout>> {
  try {
    const { profile } = await one.validatePostRequestAsync({ SAMLRequest: request });
    if (profile === null || profile === undefined || profile.ID === undefined) return disbelieve('malformed');
    return believe({ id: profile.ID, subject: profile.nameID, sid: profile.sessionIndex ?? null });
  } catch {
    // As above: the texts may hold names.
    return disbelieve('signature-invalid');
  }
}
