import { connect, type Socket } from 'node:net';
import type { NetworkProfile } from '#core/network';
import { checkedAddress } from './safe-fetch.ts';

export type ConnectFailure =
  | 'forbidden-address'
  | 'name-not-found'
  | 'dns-failed'
  | 'connect-failed'
  | 'timeout';

export type Connected =
  | { readonly kind: 'connected'; readonly socket: Socket }
  | { readonly kind: 'failed'; readonly code: ConnectFailure };

/**
 * A TCP connection to a host that others chose, by the rules of `safeFetch`: resolved once, nothing is reached if any of
 * its addresses must not be, and the connection goes to an address that was looked at. Nothing is sent on it yet. Never
 * throws for what a server does; when `deadline` aborts, the attempt ends as `timeout`.
 */
export async function safeConnect(
  host: string,
  port: number,
  network: Pick<NetworkProfile, 'resolver' | 'mayConnect' | 'extraRoots'>,
  deadline: AbortSignal,
): Promise<Connected> {
  // A resolver that is slower than the deadline answers nobody.
  const checked = await Promise.race([checkedAddress(host, network, deadline), ended(deadline)]);
  if (checked.kind === 'failed') return { kind: 'failed', code: checked.code };
  return new Promise((resolve) => {
    const socket = connect({ host: checked.address, port });
    const fail = (code: ConnectFailure): void => {
      socket.destroy();
      resolve({ kind: 'failed', code });
    };
    const late = (): void => fail('timeout');
    if (deadline.aborted) {
      late();
      return;
    }
    deadline.addEventListener('abort', late, { once: true });
    const refused = (): void => {
      deadline.removeEventListener('abort', late);
      fail('connect-failed');
    };
    socket.once('error', refused);
    socket.once('connect', () => {
      deadline.removeEventListener('abort', late);
      socket.removeListener('error', refused);
      resolve({ kind: 'connected', socket });
    });
  });
}

function ended(deadline: AbortSignal): Promise<{ readonly kind: 'failed'; readonly code: 'timeout' }> {
  return new Promise((resolve) => {
    const end = (): void => resolve({ kind: 'failed', code: 'timeout' });
    if (deadline.aborted) end();
    else deadline.addEventListener('abort', end, { once: true });
  });
}
