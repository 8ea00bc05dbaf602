import type { IncomingMessage } from 'node:http';

const MOST_OCTETS = 256 * 1024 * 1024;
const MOST_MS = 60_000;

/**
 * Reads and drops what a client still sends of a body that was refused. A connection closed under a client that is
 * still writing is reset, and the answer in it is lost: the client sees a broken connection where it should read why
 * (RFC 9112 section 9.6). Bounded by octets and time; past either the connection is ended.
 */
export function linger(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  let dropped = 0;
  const end = (): void => void request.socket.destroy();
  const timer = setTimeout(end, MOST_MS);
  timer.unref();
  request.on('data', (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > MOST_OCTETS) end();
  });
  request.once('close', () => clearTimeout(timer));
  request.resume();
}
