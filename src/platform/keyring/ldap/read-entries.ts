import type { NetworkProfile } from '#core/network';
import { DerBroken } from '../der/read.ts';
import { readFilterText } from './filter-text.ts';
import { AnswerTooLarge } from './framing.ts';
import { bindRequest, externalBindRequest, pagedSearchRequest } from './messages.ts';
import { failureOfResult, LdapFailed, type LdapServer, type LdapSession, openLdap } from './session.ts';

/** A directory that is read as a whole, and as whom: by name and password, by certificate, or as nobody. */
export interface LdapSource extends LdapServer {
  readonly credentials: { readonly name: string; readonly password: string } | null;
  /** PEM: shown in the TLS handshake; the bind is SASL EXTERNAL then (RFC 4513 §5.2.3). */
  readonly identity: { readonly certificate: string; readonly key: string } | null;
}

export interface LdapSearch {
  readonly base: string;
  /** RFC 4515. Throws FilterBroken where it is none. */
  readonly filter: string;
  readonly attributes: readonly string[];
}

export interface LdapEntry {
  readonly name: string;
  /** By type in lower case. */
  readonly attributes: ReadonlyMap<string, readonly Buffer[]>;
  /** Types of which the server gave a part of the values only (Active Directory's `member;range=0-1499`). */
  readonly partial: ReadonlySet<string>;
}

export interface LdapReader {
  /** Every entry below `base`, page by page (RFC 2696). Referrals are not followed. Throws LdapFailed. */
  search(wanted: LdapSearch): Promise<LdapEntry[]>;
  close(): void;
}

const PAGE = 500;
const MOST_ENTRIES = 200_000;
/** Octets that one reading may bring. */
const LARGEST_READING = 512 * 1024 * 1024;

/** Connects, protected and verified, and signs in. Throws LdapFailed. */
export async function openLdapReader(
  source: LdapSource,
  network: Pick<NetworkProfile, 'resolver' | 'mayConnect' | 'extraRoots'>,
  deadline: AbortSignal,
): Promise<LdapReader> {
  const session = await openLdap(source, network, deadline, LARGEST_READING);
  try {
    await signIn(session, source);
  } catch (error) {
    session.close();
    throw error;
  }
  return { search: (wanted) => searchAll(session, wanted), close: () => session.close() };
}

async function signIn(session: LdapSession, { credentials, identity }: LdapSource): Promise<void> {
  if (credentials === null && identity === null) return;
  await session.exchange(
    (id) =>
      credentials === null
        ? externalBindRequest(id)
        : bindRequest(id, credentials.name, credentials.password),
    (answer) => {
      if (answer.kind !== 'result' || answer.of !== 'bind')
        throw new DerBroken('another answer than to a bind');
      if (answer.code !== 0) throw new LdapFailed(failureOfResult(answer.code) ?? 'credentials-refused');
      return true;
    },
  );
}

async function searchAll(session: LdapSession, wanted: LdapSearch): Promise<LdapEntry[]> {
  const filter = readFilterText(wanted.filter);
  const entries: LdapEntry[] = [];
  let cookie = Buffer.alloc(0);
  do {
    const asked: Buffer = cookie;
    let next = Buffer.alloc(0);
    await session.exchange(
      (id) => pagedSearchRequest(id, { ...wanted, filter, pageSize: PAGE, cookie: asked }),
      (answer) => {
        if (answer.kind === 'reference') return false;
        if (answer.kind === 'entry') {
          const attributes = new Map(answer.attributes.map(({ type, values }) => [type, values]));
          const partial = answer.attributes.flatMap((one) => (one.partial ? [one.type] : []));
          if (entries.push({ name: answer.name, attributes, partial: new Set(partial) }) > MOST_ENTRIES)
            throw new AnswerTooLarge();
          return false;
        }
        if (answer.of !== 'search') throw new DerBroken('another answer than to a search');
        // Part of an answer is none: who is missing in it would be taken for gone.
        if (answer.code !== 0) throw new LdapFailed(failureOfResult(answer.code) ?? 'refused');
        next = Buffer.from(answer.cookie ?? Buffer.alloc(0));
        return true;
      },
    );
    cookie = next;
  } while (cookie.length > 0);
  return entries;
}
