import type { OrganisationId } from '#core/ids';
import type { NetworkProfile } from '#core/network';
import type { Database } from '#platform/database';
import type { CertificateDirectory, Found } from '../certificates/certificates.ts';
import { askDirectory, type DirectoryAnswer } from './ask-directory.ts';
import { type DirectoryRow, selectDirectories } from './directory.store.ts';
import { openDirectory, type RecordPorts } from './directory-records.ts';
import type { LdapFailure } from './session.ts';

export interface LdapPorts extends RecordPorts {
  readonly database: Database;
  network(): Pick<NetworkProfile, 'resolver' | 'mayConnect' | 'extraRoots'>;
  /** A directory did not answer: for the operator. The code says why, the id which. */
  failed(directory: string, code: LdapFailure): void;
  readonly ask?: typeof askDirectory;
}

/** What another process has changed of the settings is seen after so long. */
const SETTINGS_MS = 30_000;
/** An answer holds so long, as with OpenPGP keys; what it gave is weighed again each time it is used. */
const AGAIN_MS = { none: 6 * 3_600_000, found: 24 * 3_600_000 } as const;
/** A directory that failed is left alone so long, whomever is looked for: one delivery waits for it, not all. */
const REST_MS = 2 * 60_000;
const KEPT_MOST = 5_000;

interface Kept<T> {
  readonly value: Promise<T>;
  until: number;
}

type Answered = DirectoryAnswer & { readonly kind: 'answered' };

/**
 * The LDAP directories that organisations have named. All of an organisation's are asked at the same time; one that fails
 * counts as empty for now. Nothing of what they give is stored: it lives in this process, and ends with it.
 */
export function createLdapDirectories(ports: LdapPorts): CertificateDirectory {
  const { clock, vault } = ports;
  const settings = new Map<string, Kept<DirectoryRow[]>>();
  const answers = new Map<string, Kept<Answered | null>>();
  const resting = new Map<string, number>();

  const rowsOf = (organisation: OrganisationId): Promise<DirectoryRow[]> =>
    keep(settings, organisation, clock.monotonic(), SETTINGS_MS, () =>
      ports.database.tenant([organisation], 'worker', (tx) => selectDirectories(tx, organisation)),
    ).value;

  const askOne = (organisation: OrganisationId, row: DirectoryRow, address: string) => {
    // A changed directory is another one: nothing of what it said or failed at before holds.
    const version = `${organisation} ${row.id} ${row.changed_at.getTime()}`;
    const held = answers.get(`${version} ${address}`);
    if (held !== undefined && held.until > clock.monotonic()) return held.value;
    if ((resting.get(version) ?? 0) > clock.monotonic()) return Promise.resolve(null);
    const kept = keep(answers, `${version} ${address}`, clock.monotonic(), AGAIN_MS.none, async () => {
      const opened = await openDirectory(vault, organisation, row);
      const answer = await (ports.ask ?? askDirectory)(opened, address, ports.network());
      if (answer.kind === 'answered') {
        kept.until = clock.monotonic() + (answer.found.length > 0 ? AGAIN_MS.found : AGAIN_MS.none);
        return answer;
      }
      ports.failed(row.id, answer.code);
      resting.set(version, clock.monotonic() + REST_MS);
      trim(resting);
      kept.until = clock.monotonic();
      return null;
    });
    return kept.value;
  };

  return {
    anchors: () => [],
    async find(organisation, address): Promise<Found> {
      const rows = await rowsOf(organisation);
      const wanted = address.normalize('NFC').toLowerCase();
      const all = await Promise.all(rows.map((row) => askOne(organisation, row, wanted)));
      return {
        certificates: all.flatMap((answer) => answer?.found ?? []),
        complete: all.every((answer) => answer !== null),
      };
    },
    forget(organisation) {
      for (const map of [settings, answers, resting])
        for (const name of map.keys()) if (name.startsWith(organisation)) map.delete(name);
    },
  };
}

/** The value by that name until its time is over, asked for once for all who wait. A fault is not kept. */
function keep<T>(
  map: Map<string, Kept<T>>,
  name: string,
  now: number,
  forMs: number,
  ask: () => Promise<T>,
): Kept<T> {
  const held = map.get(name);
  if (held !== undefined && held.until > now) return held;
  // Asked a turn later, so that what is asked can say how long its answer holds.
  const entry: Kept<T> = { value: Promise.resolve().then(ask), until: now + forMs };
  map.delete(name);
  map.set(name, entry);
  entry.value.catch(() => map.get(name) === entry && map.delete(name));
  trim(map);
  return entry;
}

function trim(map: Map<string, unknown>): void {
  const oldest = map.size > KEPT_MOST ? map.keys().next() : undefined;
  if (oldest?.done === false) map.delete(oldest.value);
}
