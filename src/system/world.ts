import type { NetworkProfile } from '#core/network';
import { createLiveNetwork, type Fetched, type SafeFetchOptions, safeFetch } from '#platform/net';
import { type Config, ConfigProblem } from '#platform/runtime';
import { createTextInbox, type Sandbox, startSandbox, type TextInbox } from '#sandbox';
import { createSandboxPost, type SandboxPost } from './sandbox-post.ts';

/** The network as delivery sees it now: the sandbox's or the real one. */
export interface World {
  readonly mode: () => 'sandbox' | 'live';
  readonly network: () => NetworkProfile;
  readonly sandbox: () => Sandbox | null;
  /** Which organisation sent what is in the sandbox; null outside of it. */
  readonly post: () => SandboxPost | null;
  /** The telephones of the sandbox; null outside of it. */
  readonly texts: () => TextInbox | null;
  /** A web request to an address that others chose; in the sandbox only its own few pages are there. */
  fetch(url: string, options: Omit<SafeFetchOptions, 'network'>): Promise<Fetched>;
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
  const live = liveNetwork(config);
  let sandbox = mode === 'sandbox' ? await startSandbox() : null;
  const post = createSandboxPost();
  const texts = createTextInbox();
  const leave = async () => {
    const left = sandbox;
    sandbox = null;
    post.clear();
    texts.clear();
    await left?.stop();
  };
  return {
    mode: () => (sandbox ? 'sandbox' : 'live'),
    network: () => sandbox?.profile ?? live,
    sandbox: () => sandbox,
    post: () => (sandbox ? post : null),
    texts: () => (sandbox ? texts : null),
    fetch: async (url, options) =>
      sandbox ? sandbox.web(url) : safeFetch(url, { ...options, network: live }),
    goLive: leave,
    close: leave,
  };
}

function liveNetwork({ dnsServer, validatingDns }: Config): NetworkProfile {
  try {
    return createLiveNetwork({
      ...(dnsServer === undefined ? {} : { dnsServers: [dnsServer] }),
      ...(validatingDns === undefined ? {} : { validatingServer: validatingDns }),
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const variable = validatingDns === undefined ? 'SEALPOST_DNS' : 'SEALPOST_DNS_VALIDATING';
    throw new ConfigProblem(variable, 'must be an address, with a port where it is not 53');
  }
}

function givenWorld(stored: 'sandbox' | 'live', network: NetworkProfile): World {
  let mode = stored;
  return {
    mode: () => mode,
    network: () => network,
    sandbox: () => null,
    post: () => null,
    texts: () => null,
    fetch: (url, options) => safeFetch(url, { ...options, network }),
    async goLive() {
      mode = 'live';
    },
    close: async () => undefined,
  };
}
