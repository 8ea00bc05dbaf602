import type { Access } from '#platform/access';
import type { Logger } from '#platform/runtime';
import type { Job } from './jobs.ts';
import type { PublicAddresses } from './open-system.ts';
import type { World } from './world.ts';

/** Takes over what another process has changed of the installation: its mode and its public addresses. */
export function followInstallation(
  access: Access,
  world: World,
  addresses: PublicAddresses,
  logger: Logger,
): Job {
  return {
    name: 'follow-installation',
    everyMs: 2_000,
    async run() {
      const { mode, consoleUrl, portalUrl } = await access.installation.current();
      if (consoleUrl !== null) addresses.console = consoleUrl;
      if (portalUrl !== null) addresses.portal = portalUrl;
      if (mode === 'live' && world.mode() === 'sandbox') {
        await world.goLive();
        logger.info('installation.went-live');
      }
    },
  };
}
