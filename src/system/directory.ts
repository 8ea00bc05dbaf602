import type { Address } from '#core/address';
import type { OrganisationId } from '#core/ids';
import { readDomains, readOrganisationRows } from '#platform/access';
import type { Database } from '#platform/database';
import type { Clock, Locale } from '#platform/runtime';
import { nearestLocale } from '#platform/runtime';

/** What the road needs to know of an organisation. */
export interface OrganisationFacts {
  readonly id: OrganisationId;
  readonly name: string;
  readonly locale: Locale;
  readonly timeZone: string;
  /** Sending domains, the first one being that of our own mail. */
  readonly domains: readonly string[];
  /** Hourly limit of recipients; null for none. */
  readonly recipientsPerHour: number | null;
  /** Notices of the portal go as a text too. */
  readonly textNotices: boolean;
  /** Never shown beside other organisations in the portal. */
  readonly separateSignIn: boolean;
  /** How recipients sign in to the portal, as it is kept; undefined where nothing is set. */
  readonly portalSignIn: unknown;
}

export interface Directory {
  facts(organisation: OrganisationId): Promise<OrganisationFacts>;
  /** True for an address on one of the organisation's sending domains. */
  maySendAs(organisation: OrganisationId, address: Address): Promise<boolean>;
  forget(organisation: OrganisationId): void;
}

const CACHE_MS = 5_000;

/** Organisations by id, remembered for a few seconds: the hot path asks for each message. */
export function openDirectory(database: Database, clock: Clock): Directory {
  const kept = new Map<OrganisationId, { readonly facts: OrganisationFacts; readonly until: number }>();
  const load = async (organisation: OrganisationId): Promise<OrganisationFacts> =>
    database.tenant([organisation], 'worker', async (tx) => {
      const [rows, domains] = await Promise.all([
        readOrganisationRows(tx, [organisation]),
        readDomains(tx, organisation),
      ]);
      const [row] = rows;
      if (!row) throw new Error('no such organisation');
      return {
        id: organisation,
        name: row.name,
        locale: nearestLocale(row.locale),
        timeZone: row.time_zone,
        domains: domains.map((one) => one.name),
        recipientsPerHour: row.settings.recipientsPerHour ?? null,
        textNotices: row.settings.textNotices === true,
        separateSignIn: row.settings.separateSignIn === true,
        portalSignIn: row.settings.portalSignIn,
      };
    });
  return {
    async facts(organisation) {
      const now = clock.monotonic();
      const found = kept.get(organisation);
      if (found && found.until > now) return found.facts;
      const facts = await load(organisation);
      kept.set(organisation, { facts, until: now + CACHE_MS });
      return facts;
    },
    async maySendAs(organisation, address) {
      return (await this.facts(organisation)).domains.includes(address.domain);
    },
    forget: (organisation) => {
      kept.delete(organisation);
    },
  };
}
