import { INSTALLATION } from '#core/ids';
import { createTlsReporter, type Deliver, type TlsReporter } from '#journey/5-deliver';
import type { DkimKey } from '#platform/keyring';
import type { MtaStsStore } from '#platform/net';
import type { Foundation } from './foundation.ts';
import type { World } from './world.ts';

/** Apart from those of an organisation's mail, for an organisation may use the same domain. */
const SELECTOR_PREFIX = 'tlsrpt';

/** The keys that sign TLS reports: the installation's own, for the reporting domain. Made where they are not there. */
export function tlsReportKeys(
  { database, keyring }: Pick<Foundation, 'database' | 'keyring'>,
  domain: string,
): Promise<readonly DkimKey[]> {
  return database.tenant([INSTALLATION], 'app', (tx) =>
    keyring.ensureDkim(tx, INSTALLATION, domain, SELECTOR_PREFIX),
  );
}

interface TlsReporterNeeds {
  readonly foundation: Foundation;
  readonly world: Pick<World, 'network' | 'fetch'>;
  readonly deliver: Pick<Deliver, 'mailTlsReport'>;
  readonly policies: Pick<MtaStsStore, 'read'>;
}

/** Null where the operator has not said who reports: nothing is sent then. */
export function openTlsReporter({
  foundation,
  world,
  deliver,
  policies,
}: TlsReporterNeeds): TlsReporter | null {
  const { config, database, clock, logger } = foundation;
  const { tlsReports } = config;
  if (tlsReports === undefined) return null;
  return createTlsReporter({
    database,
    clock,
    logger,
    network: world.network,
    reporting: tlsReports,
    policies,
    mail: async (report, to) =>
      deliver.mailTlsReport({ ...report, to }, await tlsReportKeys(foundation, tlsReports.domain)),
    post: world.fetch,
  });
}
