import type { NetworkProfile } from '#core/network';
import type { FoundCertificate } from '../certificates/certificates.ts';
import type { Certificate } from '../certificates/read-certificate.ts';
import { DerBroken } from '../der/read.ts';
import { AnswerTooLarge } from './framing.ts';
import { type Attribute, bindRequest, searchRequest } from './messages.ts';
import { readSmimeCertificates, readUserCertificate } from './read-values.ts';
import {
  failureOfResult,
  LdapFailed,
  type LdapFailure,
  type LdapServer,
  type LdapSession,
  openLdap,
} from './session.ts';

/** What is to be asked, and as whom. */
export interface DirectorySettings extends LdapServer {
  /** Distinguished name under which people stand. */
  readonly baseDn: string;
  /** Null: anonymous. */
  readonly credentials: { readonly name: string; readonly password: string } | null;
}

export type DirectoryAnswer =
  | {
      readonly kind: 'answered';
      readonly found: readonly FoundCertificate[];
      /** Entries with that address. */
      readonly entries: number;
      /** Values that are no certificate. */
      readonly unreadable: number;
      /** Words about other servers, which were not followed. */
      readonly referrals: number;
    }
  | { readonly kind: 'failed'; readonly code: LdapFailure };

/** For everything together, milliseconds. */
const ANSWER_MS = 5_000;
const MOST_ENTRIES = 10;
const MOST_REFERRALS = 100;
/** Most certificates that are weighed for one address; those issued last stay. */
const MOST_FOUND = 20;

/** Some servers name certificates with `;binary` only (RFC 4523 §2), some only without. */
const ATTRIBUTES = [
  'userCertificate;binary',
  'userCertificate',
  'userSMIMECertificate;binary',
  'userSMIMECertificate',
];

/** RFC 4511 appendix A.1. */
const RESULT = { success: 0, sizeLimitExceeded: 4, referral: 10 } as const;

/**
 * Asks one LDAP directory for the certificates of `address` (`local@domain`): entries whose `mail` equals it. What comes
 * back is not trusted in any way yet. Within five seconds, ten entries and 2 MiB; never throws for what a server does.
 */
export async function askDirectory(
  settings: DirectorySettings,
  address: string,
  network: Pick<NetworkProfile, 'resolver' | 'mayConnect' | 'extraRoots'>,
  deadlineMs = ANSWER_MS,
): Promise<DirectoryAnswer> {
  const deadline = AbortSignal.timeout(deadlineMs);
  let session: LdapSession | null = null;
  try {
    session = await openLdap(settings, network, deadline);
    if (settings.credentials !== null) await bind(session, settings.credentials);
    return await search(session, settings.baseDn, address);
  } catch (error) {
    if (error instanceof LdapFailed) return { kind: 'failed', code: error.code };
    throw error;
  } finally {
    session?.close();
  }
}

async function bind(
  session: LdapSession,
  { name, password }: NonNullable<DirectorySettings['credentials']>,
): Promise<void> {
  await session.exchange(
    (id) => bindRequest(id, name, password),
    (answer) => {
      if (answer.kind !== 'result' || answer.of !== 'bind')
        throw new DerBroken('another answer than to a bind');
      if (answer.code !== RESULT.success)
        throw new LdapFailed(failureOfResult(answer.code) ?? 'credentials-refused');
      return true;
    },
  );
}

async function search(session: LdapSession, base: string, address: string): Promise<DirectoryAnswer> {
  const entries: (readonly Attribute[])[] = [];
  let referrals = 0;
  const wanted = {
    base,
    attribute: 'mail',
    value: address,
    attributes: ATTRIBUTES,
    sizeLimit: MOST_ENTRIES,
    timeLimit: ANSWER_MS / 1_000,
  };
  await session.exchange(
    (id) => searchRequest(id, wanted),
    (answer) => {
      if (answer.kind === 'entry') {
        if (entries.push(answer.attributes) > MOST_ENTRIES) throw new AnswerTooLarge();
        return false;
      }
      if (answer.kind === 'reference') {
        referrals += 1;
        if (referrals > MOST_REFERRALS) throw new AnswerTooLarge();
        return false;
      }
      if (answer.of !== 'search') throw new DerBroken('another answer than to a search');
      if (answer.code === RESULT.referral) referrals += 1;
      else if (answer.code !== RESULT.success && answer.code !== RESULT.sizeLimitExceeded) {
        throw new LdapFailed(failureOfResult(answer.code) ?? 'refused');
      }
      return true;
    },
  );
  const groups = entries.flatMap(readEntry);
  const read = groups.filter((group) => group !== null);
  return {
    kind: 'answered',
    found: foundIn(read),
    entries: entries.length,
    unreadable: groups.length - read.length,
    referrals,
  };
}

/** Certificates by value, because what came together may be one chain; null for a value that is none. */
function readEntry(attributes: readonly Attribute[]): (readonly Certificate[] | null)[] {
  return attributes.flatMap(({ type, values }) => {
    if (type === 'usercertificate') return values.map(readUserCertificate);
    return type === 'usersmimecertificate' ? values.map(readSmimeCertificates) : [];
  });
}

function foundIn(groups: readonly (readonly Certificate[])[]): FoundCertificate[] {
  const found = new Map<string, FoundCertificate>();
  const authorities = groups.flat().filter(({ authority }) => authority !== null);
  for (const certificate of groups.flat()) {
    if (certificate.authority !== null || found.has(certificate.fingerprint)) continue;
    const { capabilities } = certificate;
    found.set(certificate.fingerprint, { certificate, others: authorities, capabilities });
  }
  return [...found.values()]
    .sort((a, b) => b.certificate.notBefore.getTime() - a.certificate.notBefore.getTime())
    .slice(0, MOST_FOUND);
}
