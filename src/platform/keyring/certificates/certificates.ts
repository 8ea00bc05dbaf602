import type { OrganisationId } from '#core/ids';
import type { Database } from '#platform/database';
import type { Clock } from '#platform/runtime';
import { certificatesOf, selectAnchors, selectIdentity, selectSettings } from './certificate.store.ts';
import { type ChainRefusal, type CheckRequest, checkCertificate } from './check-chain.ts';
import type { Certificate } from './read-certificate.ts';
import type { Revocation, RevocationState } from './revocation.ts';
import {
  addressIndex,
  type CertificateSeal,
  openAnchor,
  openIdentity,
  openRecipient,
  type SigningIdentity,
} from './sealed-rows.ts';
import { DEFAULT_SETTINGS, type SmimeSettings } from './settings.ts';

/** A certificate that somebody else keeps for an address, with what stands between it and its root. */
export interface FoundCertificate {
  /** Id of the row that it was read from; absent where it came from a directory. */
  readonly id?: string;
  readonly certificate: Certificate;
  readonly others: readonly Certificate[];
  readonly capabilities: readonly string[];
}

/** A place beside our own store where certificates are found: LDAP, the sandbox. What it gives is checked like any other. */
export interface CertificateDirectory {
  find(organisation: OrganisationId, address: string): Promise<Found>;
  /** Roots that hold as long as this directory does, beside those of the organisation. */
  anchors(): readonly Certificate[];
  /** After a change of the organisation's settings in this process. */
  forget?(organisation: OrganisationId): void;
}

export interface Found {
  readonly certificates: readonly FoundCertificate[];
  /** False where a part of the directory could not be asked now. */
  readonly complete: boolean;
}

/** What a certificate is worth now. */
export type Standing =
  | { readonly kind: 'usable'; readonly revocation: RevocationState }
  | { readonly kind: 'refused'; readonly code: RefusedCode; readonly reason: ChainRefusal['reason'] };

type RefusedCode = ChainRefusal['code'] | 'key-revoked' | 'revocation-unknown';

export type RecipientKey =
  | ({ readonly kind: 'usable'; readonly settings: SmimeSettings } & FoundCertificate)
  | {
      readonly kind: 'refused';
      readonly code: RefusedCode | 'no-key';
      /** `directory-failed`: there may be one, but a directory could not be asked now. */
      readonly reason: ChainRefusal['reason'] | 'directory-failed';
    };

export interface Certificates {
  /** The certificate to encrypt with for `local@domain`, or why there is none. Kept for half a minute. */
  recipient(organisation: OrganisationId, address: string): Promise<RecipientKey>;
  /** The organisation's signing certificate while it is valid, else null. Kept for half a minute. */
  signing(organisation: OrganisationId): Promise<SigningIdentity | null>;
  /**
   * What a certificate is worth to this organisation. `address` null: whoever it belongs to. `ask` false: nobody is asked
   * about revocation; what is not known then is no refusal.
   */
  standing(
    organisation: OrganisationId,
    found: Pick<FoundCertificate, 'certificate' | 'others'>,
    address: string | null,
    purpose: CheckRequest['purpose'],
    ask: boolean,
  ): Promise<Standing>;
  settings(organisation: OrganisationId): Promise<SmimeSettings>;
  /** After a change in this process; other processes see it within half a minute. */
  forget(organisation: OrganisationId): void;
}

export interface CertificatePorts {
  readonly database: Database;
  readonly vault: CertificateSeal;
  readonly clock: Clock;
  readonly revocation: Revocation;
  directories(): readonly CertificateDirectory[];
}

const KEPT_MS = 30_000;
const KEPT_MOST = 10_000;

interface Known {
  readonly settings: SmimeSettings;
  readonly anchors: readonly Certificate[];
  readonly identity: SigningIdentity | null;
}

export function createCertificates(ports: CertificatePorts): Certificates {
  const { clock } = ports;
  const organisations = createCache<Known>(clock);
  const recipients = createCache<RecipientKey>(clock);

  const known = (organisation: OrganisationId) =>
    organisations.get(organisation, () => readKnown(ports, organisation));

  const standing = async (
    organisation: OrganisationId,
    found: Pick<FoundCertificate, 'certificate' | 'others'>,
    address: string | null,
    purpose: CheckRequest['purpose'],
    ask: boolean,
  ): Promise<Standing> => {
    const { anchors, settings } = await known(organisation);
    const roots = [...anchors, ...ports.directories().flatMap((one) => one.anchors())];
    const checked = checkCertificate({ ...found, anchors: roots, address, purpose, at: clock.now() });
    if (checked.kind === 'refused') return checked;
    const { chain } = checked;
    const revocation = ask ? await ports.revocation.check(chain) : ports.revocation.known(chain);
    if (revocation === 'revoked') return { kind: 'refused', code: 'key-revoked', reason: null };
    if (ask && revocation === 'unknown' && settings.revocation === 'hard') {
      return { kind: 'refused', code: 'revocation-unknown', reason: null };
    }
    return { kind: 'usable', revocation };
  };

  const choose = async (organisation: OrganisationId, address: string): Promise<RecipientKey> => {
    const { settings } = await known(organisation);
    /** The first that may be used, newest first; else why the newest may not; null where there is none. */
    const weigh = async (candidates: readonly FoundCertificate[]): Promise<RecipientKey | null> => {
      let refusal: RecipientKey | null = null;
      for (const one of newestFirst(candidates)) {
        const state = await standing(organisation, one, address, 'encrypt', true);
        if (state.kind === 'usable') {
          const capabilities = [...new Set([...one.capabilities, ...one.certificate.capabilities])];
          return { ...one, kind: 'usable', capabilities, settings };
        }
        refusal ??= state;
      }
      return refusal;
    };
    const own = await weigh(await ownFor(ports, organisation, address));
    // Directories are asked only where nothing of our own can be used: nobody else learns whom else we write to.
    if (own?.kind === 'usable') return own;
    const elsewhere = await Promise.all(ports.directories().map((one) => one.find(organisation, address)));
    const found = await weigh(elsewhere.flatMap(({ certificates }) => certificates));
    if (found?.kind === 'usable') return found;
    const complete = elsewhere.every((one) => one.complete);
    return own ?? found ?? { kind: 'refused', code: 'no-key', reason: complete ? null : 'directory-failed' };
  };

  return {
    standing,
    recipient: (organisation, address) =>
      recipients.get(`${organisation} ${address}`, () => choose(organisation, address)),
    async signing(organisation) {
      const { identity } = await known(organisation);
      const now = clock.now();
      const valid =
        identity !== null && now >= identity.certificate.notBefore && now <= identity.certificate.notAfter;
      return valid ? identity : null;
    },
    settings: async (organisation) => (await known(organisation)).settings,
    forget(organisation) {
      organisations.drop(organisation);
      recipients.drop(organisation);
      for (const directory of ports.directories()) directory.forget?.(organisation);
    },
  };
}

/** The one issued last is the one its owner has set up last. */
function newestFirst(candidates: readonly FoundCertificate[]): FoundCertificate[] {
  return [...candidates].sort(
    (a, b) => b.certificate.notBefore.getTime() - a.certificate.notBefore.getTime(),
  );
}

async function readKnown(
  { database, vault }: CertificatePorts,
  organisation: OrganisationId,
): Promise<Known> {
  const rows = await database.tenant([organisation], 'worker', async (tx) => ({
    settings: await selectSettings(tx, organisation),
    anchors: await selectAnchors(tx, organisation),
    identity: await selectIdentity(tx, organisation),
  }));
  const anchors = await Promise.all(rows.anchors.map((row) => openAnchor(vault, organisation, row)));
  return {
    settings: rows.settings ?? DEFAULT_SETTINGS,
    anchors: anchors.map(({ certificate }) => certificate),
    identity: rows.identity === undefined ? null : await openIdentity(vault, organisation, rows.identity),
  };
}

async function ownFor(
  { database, vault }: CertificatePorts,
  organisation: OrganisationId,
  address: string,
): Promise<FoundCertificate[]> {
  const index = await addressIndex(vault, organisation, address);
  const rows = await database.tenant([organisation], 'worker', (tx) =>
    certificatesOf(tx, organisation, index),
  );
  return Promise.all(rows.map((row) => openRecipient(vault, organisation, row)));
}

/**
 * Values by name for half a minute, asked for once at a time. Names begin with their organisation; what was asked
 * for before `drop` is not kept after it. A certificate's own end is minutes, not seconds, exact.
 */
function createCache<T>(clock: Clock) {
  const kept = new Map<string, { readonly value: Promise<T>; readonly until: number }>();
  return {
    get(name: string, ask: () => Promise<T>): Promise<T> {
      const held = kept.get(name);
      if (held !== undefined && held.until > clock.monotonic()) return held.value;
      const value = ask();
      const entry = { value, until: clock.monotonic() + KEPT_MS };
      kept.delete(name);
      kept.set(name, entry);
      // A fault is for those who wait for it, not for those who come after.
      value.catch(() => kept.get(name) === entry && kept.delete(name));
      const oldest = kept.size > KEPT_MOST ? kept.keys().next() : undefined;
      if (oldest?.done === false) kept.delete(oldest.value);
      return value;
    },
    drop(organisation: OrganisationId): void {
      for (const name of kept.keys()) if (name.startsWith(organisation)) kept.delete(name);
    },
  };
}
