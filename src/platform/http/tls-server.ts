import { readFileSync, statSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer as createPlain, type Server } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { Certificate } from '#platform/keyring';
import { describeFault, type Logger, SERVER_CIPHERS, type TlsFiles } from '#platform/runtime';

const LOOK_EVERY_MS = 10_000;

export interface NodeServer {
  readonly server: Server;
  /** Reads the certificate files again when they changed; false when they did not, or cannot be used. */
  reload(): boolean;
  /** Stops looking at the files. */
  stop(): void;
}

/**
 * The socket server below. With certificate files it speaks TLS 1.2 or better and takes renewed files within seconds,
 * for new connections; a pair that cannot be used is logged and the old one stays. With `clientAuthorities` it asks for a
 * client certificate; who has none, or one of somebody else's, is let in all the same: what it opens is each key's to say.
 */
export function createNodeServer(
  listener: RequestListener,
  tls: TlsFiles | undefined,
  logger: Logger,
  clientAuthorities: readonly Certificate[] | null = null,
): NodeServer {
  // Slow uploads are fine, endless ones and silent peers are not: headers within 20 s, a whole request within a quarter
  // of an hour (100 MB at 1 Mbit/s), idle connections closed after 65 s.
  const limits = {
    headersTimeout: 20_000,
    // Node looks for those who are late every 30 s by itself, which would give them half a minute more.
    connectionsCheckingInterval: 5_000,
    requestTimeout: 15 * 60_000,
    keepAliveTimeout: 65_000,
    maxHeaderSize: 16 * 1024,
  };
  if (tls === undefined) {
    return { server: createPlain(limits, listener), reload: () => false, stop: () => undefined };
  }
  const ca = clientAuthorities === null ? {} : { ca: clientAuthorities.map(({ x509 }) => x509.toString()) };
  const ask = clientAuthorities === null ? {} : { requestCert: true, rejectUnauthorized: false };
  const read = () => ({ cert: readFileSync(tls.certificate), key: readFileSync(tls.key), ...ca });
  const stamp = (): string =>
    [tls.certificate, tls.key]
      .map((path) => statSync(path))
      .map((stat) => `${stat.mtimeMs} ${stat.ino}`)
      .join();
  const demanded = { minVersion: 'TLSv1.2', ciphers: SERVER_CIPHERS } as const;
  const server = createSecure({ ...limits, ...read(), ...ask, ...demanded }, listener);
  let loaded = stamp();
  const reload = (): boolean => {
    try {
      const now = stamp();
      if (now === loaded) return false;
      server.setSecureContext({ ...read(), ...demanded });
      loaded = now;
      logger.info('http.certificate-reloaded');
      return true;
    } catch (error) {
      logger.warn('http.certificate-unusable', describeFault(error));
      return false;
    }
  };
  const timer = setInterval(reload, LOOK_EVERY_MS);
  timer.unref();
  return { server, reload, stop: () => clearInterval(timer) };
}
