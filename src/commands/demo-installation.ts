import type { Config, Logger } from '#platform/runtime';
import { bootstrapOrganisation, ORGANISATION_PERMISSIONS } from '#products/organisations';
import type { SystemHooks } from '../system/open-system.ts';
import { organisationPorts } from '../system/organisation-ports.ts';
import { type RunningSystem, runSystem } from '../system/run-system.ts';

/** A temporary installation with one organisation and a key for it. */
export interface DemoInstallation {
  readonly system: RunningSystem;
  readonly apiUrl: string;
  readonly portalUrl: string;
  readonly apiKey: string;
  readonly organisation: string;
  stop(): Promise<void>;
}

/** Starts a whole installation in the given home and founds an organisation in it, as set-up would. */
export async function startDemo(
  config: Config,
  logger: Logger,
  hooks?: SystemHooks,
): Promise<DemoInstallation> {
  const system = await runSystem(config, logger, hooks ?? { reach: () => undefined, volatile: true });
  try {
    const founded = await bootstrapOrganisation(organisationPorts(system.parts), {
      name: 'Riverside Clinic',
      slug: 'riverside',
      domain: 'clinic.test',
      administrator: { address: 'office@clinic.test', displayName: 'Front office' },
      passphrase: null,
      apiKey: { label: 'Demo', permissions: ORGANISATION_PERMISSIONS },
      operator: true,
    });
    return {
      system,
      apiUrl: `http://127.0.0.1:${system.servers.ports.http}`,
      portalUrl: `http://127.0.0.1:${system.servers.ports.portal}`,
      apiKey: founded.apiKey.secret,
      organisation: founded.organisation,
      stop: () => system.stop(2_000),
    };
  } catch (error) {
    await system.stop(0);
    throw error;
  }
}
