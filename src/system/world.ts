import type { NetworkProfile } from '#core/network';
import { createLiveNetwork } from '#platform/net';
import type { Config } from '#platform/runtime';
import { type Sandbox, startSandbox } from '#sandbox';

/** The network as delivery sees it now: the sandbox's or the real one. */
export interface World {
  readonly mode: () => 'sandbox' | 'live';
  readonly network: () => NetworkProfile;
  readonly sandbox: () => Sandbox | null;
  /** Leaves the sandbox: its routes, DNS and network exemptions go, its mailboxes are forgotten. */
  goLive(): Promise<void>;
  close(): Promise<void>;
}

/** With `given`, that network stands for both worlds: neither the sandbox nor the real network is there. */
export async function openWorld(
  config: Config,
  mode: 'sandbox' | 'live',
  given?: NetworkProfile,
): Promise<World> {
  if (given !== undefined) return givenWorld(mode, given);
  const live = createLiveNetwork(config.dnsServer === undefined ? {} : { dnsServers: [config.dnsServer] });
  let sandbox = mode === 'sandbox' ? await startSandbox() : null;
  const leave = async () => {
    const left = sandbox;
    sandbox = null;
    await left?.stop();
  };
  return {
    mode: () => (sandbox ? 'sandbox' : 'live'),
    network: () => sandbox?.profile ?? live,
    sandbox: () => sandbox,
    goLive: leave,
    close: leave,
  };
}

function givenWorld(stored: 'sandbox' | 'live', network: NetworkProfile): World {
  let mode = stored;
  return {
    mode: () => mode,
    network: () => network,
    sandbox: () => null,
    async goLive() {
      mode = 'live';
    },
    close: async () => undefined,
  };
}
