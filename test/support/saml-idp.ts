// SAML identity providers for tests: samlify, as a provider of somebody else's making; and one written out by hand, which can say and
// sign what no honest provider would.
import { randomBytes } from 'node:crypto';
import {
  Constants,
  IdentityProvider,
  type IdentityProviderEntity,
  SamlLib,
  ServiceProvider,
  setSchemaValidator,
} from 'samlify';
import { SignedXml } from 'xml-crypto';
import { samlKeyPair } from '#platform/keyring';

export interface SamlIdpKeys {
  readonly cert: string;
  readonly key: string;
}

export const SAML_ENTITY = 'https://idp.test/metadata';
export const SAML_SIGN_IN = 'https://idp.test/sign-in';

export const samlIdpKeys = (): Promise<SamlIdpKeys> => samlKeyPair(new Date());

const iso = (ms = 0): string => new Date(Date.now() + ms).toISOString();
const id = (): string => `_${randomBytes(16).toString('hex')}`;

/** What an assertion says; every part can be bent. */
export interface Said {
  readonly acs: string;
  readonly audience: string;
  readonly subject: string;
  readonly inResponseTo: string | null;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly issuer?: string;
  readonly recipient?: string;
  readonly notBefore?: number;
  readonly notOnOrAfter?: number;
  readonly instant?: number;
  readonly assertionId?: string;
}

export function assertionXml(said: Said): string {
  const { acs, audience, subject, inResponseTo, attributes } = said;
  const until = iso(said.notOnOrAfter ?? 120_000);
  const answers = inResponseTo === null ? '' : ` InResponseTo="${inResponseTo}"`;
  const list = Object.entries(attributes)
    .map(
      ([name, values]) =>
        `<saml:Attribute Name="${name}">${values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join('')}</saml:Attribute>`,
    )
    .join('');
  return (
    `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${said.assertionId ?? id()}" Version="2.0" IssueInstant="${iso()}">` +
    `<saml:Issuer>${said.issuer ?? SAML_ENTITY}</saml:Issuer><saml:Subject><saml:NameID>${subject}</saml:NameID>` +
    `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData${answers} NotOnOrAfter="${until}" Recipient="${said.recipient ?? acs}"/></saml:SubjectConfirmation></saml:Subject>` +
    `<saml:Conditions NotBefore="${iso(said.notBefore ?? -5_000)}" NotOnOrAfter="${until}"><saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>` +
    `<saml:AuthnStatement AuthnInstant="${iso(said.instant ?? 0)}" SessionIndex="s1"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
    `<saml:AttributeStatement>${list}</saml:AttributeStatement></saml:Assertion>`
  );
}

export function responseXml(
  inner: string,
  { acs, inResponseTo }: Pick<Said, 'acs' | 'inResponseTo'>,
): string {
  const answers = inResponseTo === null ? '' : ` InResponseTo="${inResponseTo}"`;
  return (
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id()}" Version="2.0" IssueInstant="${iso()}" Destination="${acs}"${answers}>` +
    `<saml:Issuer>${SAML_ENTITY}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>${inner}</samlp:Response>`
  );
}

export function logoutXml(destination: string, subject: string): string {
  return (
    `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id()}" Version="2.0" IssueInstant="${iso()}" Destination="${destination}">` +
    `<saml:Issuer>${SAML_ENTITY}</saml:Issuer><saml:NameID>${subject}</saml:NameID></samlp:LogoutRequest>`
  );
}

/** Signs the first element of that local name, enveloped, after its Issuer. */
export function signXml(
  xml: string,
  name: 'Assertion' | 'Response' | 'LogoutRequest',
  { key, cert }: SamlIdpKeys,
  hash: 'sha256' | 'sha1' = 'sha256',
): string {
  const signer = new SignedXml({
    privateKey: key,
    publicCert: cert,
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
    signatureAlgorithm:
      hash === 'sha1'
        ? 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'
        : 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  });
  const xpath = `//*[local-name(.)='${name}']`;
  signer.addReference({
    xpath,
    transforms: [
      'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
      'http://www.w3.org/2001/10/xml-exc-c14n#',
    ],
    digestAlgorithm:
      hash === 'sha1' ? 'http://www.w3.org/2000/09/xmldsig#sha1' : 'http://www.w3.org/2001/04/xmlenc#sha256',
  });
  signer.computeSignature(xml, {
    location: { reference: `${xpath}/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return signer.getSignedXml();
}

export const base64 = (xml: string): string => Buffer.from(xml, 'utf8').toString('base64');

/** samlify as the provider: reads our signed request, answers it; encrypted when told so. */
export function samlifyIdp(keys: SamlIdpKeys, serviceMetadata: string, encrypted: boolean) {
  setSchemaValidator({ validate: (xml) => Promise.resolve(xml) });
  const { redirect } = Constants.namespace.binding;
  const idp: IdentityProviderEntity = IdentityProvider({
    entityID: SAML_ENTITY,
    privateKey: keys.key,
    signingCert: keys.cert,
    isAssertionEncrypted: encrypted,
    messageSigningOrder: 'sign-then-encrypt',
    wantAuthnRequestsSigned: true,
    requestSignatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    dataEncryptionAlgorithm: 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
    keyEncryptionAlgorithm: 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
    singleSignOnService: [{ Binding: redirect, Location: SAML_SIGN_IN }],
    loginResponseTemplate: { context: '{Content}', attributes: [] },
  });
  const service = ServiceProvider({ metadata: serviceMetadata });
  return {
    metadata: () => idp.getMetadata(),
    async answer(url: string, said: Omit<Said, 'inResponseTo'>): Promise<string> {
      const { searchParams } = new URL(url);
      const query = Object.fromEntries(searchParams);
      const octetString = ['SAMLRequest', 'RelayState', 'SigAlg']
        .filter((name) => searchParams.has(name))
        .map((name) => `${name}=${encodeURIComponent(query[name] ?? '')}`)
        .join('&');
      const { extract } = await idp.parseLoginRequest(service, 'redirect', { query, octetString });
      const asked = { ...said, inResponseTo: extract.request.id };
      const xml = responseXml(assertionXml(asked), asked);
      const { context } = await idp.createLoginResponse(service, { extract }, 'post', {}, (template) => ({
        id: id(),
        context: SamlLib.replaceTagsByValue(template, {}).replace('{Content}', xml),
      }));
      return context;
    },
  };
}
