import { type Believed, believe, type Disbelief, disbelieve, type Vouched } from './outcome.ts';
import { ASSERTION_NS, SAML_SKEW_MS, type ServiceProvider } from './saml-settings.ts';
import { attributeOf, childrenOf, onlyChild, parseSafely, plainText, type XmlElement } from './saml-xml.ts';

const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';

export interface ReadAssertion {
  readonly vouched: Vouched;
  /** The request that it answers; null: none, the provider spoke first. */
  readonly inResponseTo: string | null;
  readonly authenticatedAt: Date;
}

/**
 * Reads an assertion whose signature holds, by the rules of the Web Browser SSO Profile (SAML 2.0 Profiles, 4.1.4.2 and
 * 4.1.4.3): issuer, bearer confirmation meant for us and in time, conditions, audience, when the person signed in.
 */
export function readAssertion(
  xml: string,
  provider: string,
  service: Pick<ServiceProvider, 'entityId' | 'acsUrl'>,
  now: Date,
): Believed<ReadAssertion> {
  const root = parseSafely(xml);
  if (root === null) return disbelieve('markup-refused');
  const id = attributeOf(root, 'ID');
  const issuer = onlyChild(root, ASSERTION_NS, 'Issuer');
  const subject = onlyChild(root, ASSERTION_NS, 'Subject');
  const conditions = onlyChild(root, ASSERTION_NS, 'Conditions');
  const [statement] = childrenOf(root, ASSERTION_NS, 'AuthnStatement');
  if (id === null || issuer === null || subject === null || conditions === null || statement === undefined)
    return disbelieve('malformed');
  if (plainText(issuer)?.trim() !== provider) return disbelieve('issuer-mismatch');
  const named = readName(subject);
  if (named === null) return disbelieve('malformed');
  const wrong = judgeConditions(conditions, service.entityId, now) ?? judgeStatement(statement, now);
  if (wrong !== null) return disbelieve(wrong);
  const confirmed = confirm(subject, service.acsUrl, now);
  if (typeof confirmed === 'string') return disbelieve(confirmed);
  const authenticatedAt = timeOf(statement, 'AuthnInstant');
  if (authenticatedAt === null) return disbelieve('malformed');
  const vouched: Vouched = {
    subject: named,
    issuer: provider,
    claims: new Map([...attributesOf(root), ['nameid', [named]]]),
    sid: attributeOf(statement, 'SessionIndex'),
    methods: contextsOf(statement),
    once: { id, until: new Date(confirmed.until.getTime() + SAML_SKEW_MS) },
    hint: null,
  };
  return believe({ vouched, inResponseTo: confirmed.inResponseTo, authenticatedAt });
}

/** A transient name is another one at each sign-in: nobody can be known again by it. */
function readName(subject: XmlElement): string | null {
  const name = onlyChild(subject, ASSERTION_NS, 'NameID');
  if (name === null || attributeOf(name, 'Format') === TRANSIENT) return null;
  const text = plainText(name)?.trim() ?? '';
  return text === '' || text.length > 512 ? null : text;
}

function judgeConditions(conditions: XmlElement, audience: string, now: Date): Disbelief | null {
  const wrong = judgeTimes(conditions, now);
  if (wrong !== null) return wrong;
  const restrictions = childrenOf(conditions, ASSERTION_NS, 'AudienceRestriction');
  if (restrictions.length === 0) return 'audience-mismatch';
  const all = restrictions.every((restriction) =>
    childrenOf(restriction, ASSERTION_NS, 'Audience').some((one) => plainText(one)?.trim() === audience),
  );
  return all ? null : 'audience-mismatch';
}

function judgeStatement(statement: XmlElement, now: Date): Disbelief | null {
  const over = timeOf(statement, 'SessionNotOnOrAfter');
  return over !== null && now.getTime() - SAML_SKEW_MS >= over.getTime() ? 'expired' : null;
}

function judgeTimes(element: XmlElement, now: Date): Disbelief | null {
  const [from, until] = [timeOf(element, 'NotBefore'), timeOf(element, 'NotOnOrAfter')];
  if (from !== null && now.getTime() + SAML_SKEW_MS < from.getTime()) return 'expired';
  if (until !== null && now.getTime() - SAML_SKEW_MS >= until.getTime()) return 'expired';
  return null;
}

/** The bearer confirmation that holds here and now; or why none does. */
function confirm(
  subject: XmlElement,
  acsUrl: string,
  now: Date,
): Disbelief | { readonly inResponseTo: string | null; readonly until: Date } {
  let reason: Disbelief = 'malformed';
  for (const confirmation of childrenOf(subject, ASSERTION_NS, 'SubjectConfirmation')) {
    if (attributeOf(confirmation, 'Method') !== BEARER) continue;
    const data = onlyChild(confirmation, ASSERTION_NS, 'SubjectConfirmationData');
    const until = data === null ? null : timeOf(data, 'NotOnOrAfter');
    if (data === null || until === null) continue;
    const late = judgeTimes(data, now);
    if (late !== null) reason = late;
    else if (attributeOf(data, 'Recipient') !== acsUrl) reason = 'recipient-mismatch';
    else return { inResponseTo: attributeOf(data, 'InResponseTo'), until };
  }
  return reason;
}

function timeOf(element: XmlElement, name: string): Date | null {
  const text = attributeOf(element, name);
  // SAML times are UTC (Core, 1.3.3); without a zone they would be read as local.
  if (text === null || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(text)) return null;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? null : time;
}

function contextsOf(statement: XmlElement): readonly string[] {
  const context = onlyChild(statement, ASSERTION_NS, 'AuthnContext');
  if (context === null) return [];
  return childrenOf(context, ASSERTION_NS, 'AuthnContextClassRef').flatMap(
    (one) => plainText(one)?.trim() ?? [],
  );
}

function attributesOf(root: XmlElement): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const statement of childrenOf(root, ASSERTION_NS, 'AttributeStatement')) {
    for (const attribute of childrenOf(statement, ASSERTION_NS, 'Attribute')) {
      const name = attributeOf(attribute, 'Name');
      const values = childrenOf(attribute, ASSERTION_NS, 'AttributeValue').flatMap(
        (one) => plainText(one) ?? [],
      );
      if (name !== null) found.set(name, [...(found.get(name) ?? []), ...values]);
    }
  }
  return found;
}
