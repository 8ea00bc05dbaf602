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

export async function openWorld(config: Config, mode: 'sandbox' | 'live'): Promise<World> {
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
