import type { SMTPServerOptions, SMTPServerSession } from 'smtp-server';
import { SCAN_LIMITS } from '#platform/mail';
import { describeFault } from '#platform/runtime';
import { type CertificateSource, readCertificate, watchCertificate } from '../smtp-certificate.ts';
import { SubmissionServer, trustedPeers } from '../smtp-listener.ts';
import { type InboundLimits, type InboundSessionPorts, InboundSessions } from './inbound-session.ts';

export interface InboundListenerOptions
  extends Omit<InboundSessionPorts, 'networks' | 'limits' | 'hangUp' | 'afterMessage'> {
  readonly certificate: CertificateSource;
  /** Name in the greeting. */
  readonly hostName: string;
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  /** Addresses or CIDR ranges that may hand mail in; empty: everybody, as for any MX. */
  readonly networks: readonly string[];
  /** Addresses or CIDR ranges that must send, and are believed, a PROXY protocol v1 line. */
  readonly trustedProxies?: readonly string[];
  readonly limits?: Partial<InboundLimits & ListenerLimits>;
}

interface ListenerLimits {
  readonly maxConnections: number;
  readonly maxRecipients: number;
  readonly maxSize: number;
  readonly idleMs: number;
  readonly drainMs: number;
}

const LIMITS: InboundLimits & ListenerLimits = {
  maxConnections: 500,
  maxPerAddress: 20,
  maxMessagesPerConnection: 100,
  maxPerMinute: 600,
  maxStrangers: 10,
  // RFC 5321 §4.5.3.1.8: at least 100.
  maxRecipients: 100,
  maxSize: SCAN_LIMITS.maxSize,
  dataMs: 600_000,
  idleMs: 300_000,
  drainMs: 30_000,
};

export interface InboundListener {
  /** Opens the listener. A port in use or an unusable certificate is a fault. */
  listen(): Promise<void>;
  port(): number | null;
  reloadCertificates(): boolean;
  /** Stops accepting, lets messages on their way in finish, then closes every connection. */
  close(): Promise<void>;
}

/** The listener for mail from outside: an MX that takes mail for the organisations' domains only, and is nobody's relay. */
export function createInboundListener(options: InboundListenerOptions): InboundListener {
  const limits = { ...LIMITS, ...options.limits };
  const { logger } = options;
  let draining = false;
  let stopWatching: () => void = () => undefined;
  const hangUp = (session: SMTPServerSession): void => {
    for (const connection of server.connections)
      if (connection.session === session) connection.send(421, '4.4.2 Took too long');
  };
  const afterMessage = (): void => {
    if (draining) setImmediate(() => server.closeIdle());
  };
  const networks = options.networks.length === 0 ? null : trustedPeers(options.networks);
  const sessions = new InboundSessions({ ...options, networks, limits, hangUp, afterMessage });
  const server = new SubmissionServer(
    libraryOptions(options, limits, sessions),
    trustedPeers(options.trustedProxies ?? []),
  );
  server.on('error', (error) => logger.debug('inbound.connection-failed', describeFault(error)));
  const reloadCertificates = (): boolean => {
    try {
      const pair = readCertificate(options.certificate);
      server.updateSecureContext({ cert: pair.cert, key: pair.key });
      return true;
    } catch (error) {
      logger.error('inbound.certificate-unusable', describeFault(error));
      return false;
    }
  };
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.server.once('error', reject);
        server.listen(options.port, options.address, () => {
          server.server.off('error', reject);
          stopWatching = watchCertificate(options.certificate, reloadCertificates);
          resolve();
        });
      }),
    port: () => {
      const bound = server.server.address();
      return bound === null || typeof bound === 'string' ? null : bound.port;
    },
    reloadCertificates,
    close: () => {
      draining = true;
      stopWatching();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdle();
      });
    },
  };
}

function libraryOptions(
  options: InboundListenerOptions,
  limits: InboundLimits & ListenerLimits,
  sessions: InboundSessions,
): SMTPServerOptions {
  return {
    ...readCertificate(options.certificate),
    secure: false,
    minVersion: 'TLSv1.2',
    name: options.hostName,
    banner: 'ready',
    heloResponse: '%s at your service',
    size: limits.maxSize,
    maxRecipients: limits.maxRecipients,
    authOptional: true,
    hideENHANCEDSTATUSCODES: false,
    disableReverseLookup: true,
    maxClients: limits.maxConnections,
    socketTimeout: limits.idleMs,
    closeTimeout: limits.drainMs,
    maxCommandLength: 4096,
    logger: false,
    onConnect: (session, done) => sessions.onConnect(session, done),
    onClose: (session) => sessions.onClose(session),
    onMailFrom: (address, session, done) => sessions.onMailFrom(address, session, done),
    onRcptTo: (address, session, done) => sessions.onRcptTo(address, session, done),
    onData: (stream, session, done) => sessions.onData(stream, session, done),
  };
}
