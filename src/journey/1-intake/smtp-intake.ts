import type { AddressInfo } from 'node:net';
import type { SMTPServerOptions, SMTPServerSession } from 'smtp-server';
import type { Certificate } from '#platform/keyring';
import { describeFault, type Logger, SERVER_CIPHERS } from '#platform/runtime';
import type { Intake } from './ports.ts';
import { type CertificateSource, readCertificate, watchCertificate } from './smtp-certificate.ts';
import { SubmissionServer, trustedPeers } from './smtp-listener.ts';
import { type Authenticate, type SessionLimits, SmtpSessions } from './smtp-session.ts';

export interface SmtpIntakeOptions<Tx> {
  readonly intake: Intake<Tx>;
  readonly authenticate: Authenticate;
  readonly certificate: CertificateSource;
  /** Name in the greeting. */
  readonly hostName: string;
  /** Address to listen on. */
  readonly address: string;
  /** Implicit TLS (RFC 8314 §3.3), default 2465; 0 = any free port; null = not at all. */
  readonly submissionsPort: number | null;
  /** STARTTLS, default 2587. */
  readonly submissionPort: number | null;
  /** Addresses or CIDR ranges that must send, and are believed, a PROXY protocol v1 line. */
  readonly trustedProxies?: readonly string[];
  /** Authorities of client certificates; without them none is asked for. */
  readonly clientAuthorities?: readonly Certificate[];
  readonly logger: Logger;
  readonly limits?: Partial<SmtpLimits>;
}

export interface SmtpLimits extends SessionLimits {
  /** Connections of each listener. */
  readonly maxConnections: number;
  /** Silence before a connection is closed (RFC 5321 §4.5.3.2.7 asks for 5 minutes). */
  readonly idleMs: number;
  /** How long a drain waits for messages on their way in. */
  readonly drainMs: number;
}

export const SMTP_LIMITS: SmtpLimits = {
  maxConnections: 1000,
  maxPerAddress: 100,
  maxMessagesPerConnection: 10_000,
  maxFailures: 3,
  signInMs: 60_000,
  dataMs: 600_000,
  idleMs: 300_000,
  drainMs: 30_000,
};

export interface SmtpIntake {
  /** Opens the listeners. A port in use or an unusable certificate is a fault. */
  listen(): Promise<void>;
  /** The ports that are open, for port 0 in tests. */
  ports(): { readonly submissions: number | null; readonly submission: number | null };
  /** Reads the certificate files again (also done when they change). False: unusable, the old one stays. */
  reloadCertificates(): boolean;
  /** Stops accepting, lets messages on their way in finish, then closes every connection. */
  close(): Promise<void>;
}

function portOf(server: SubmissionServer | null): number | null {
  const address: string | AddressInfo | null = server?.server.address() ?? null;
  return address === null || typeof address === 'string' ? null : address.port;
}

function listenOn(server: SubmissionServer, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, address, () => {
      server.server.off('error', reject);
      resolve();
    });
  });
}

const pemsOf = (authorities: readonly Certificate[]) => authorities.map(({ x509 }) => x509.toString());

/** The library's options: what is offered, and who answers. */
function libraryOptions<Tx>(
  options: SmtpIntakeOptions<Tx>,
  limits: SmtpLimits,
  sessions: SmtpSessions,
  secure: boolean,
): SMTPServerOptions {
  return {
    ...readCertificate(options.certificate),
    // Asked for, not demanded: a key that wants one says so when it is used.
    ...(options.clientAuthorities === undefined
      ? {}
      : { requestCert: true, rejectUnauthorized: false, ca: pemsOf(options.clientAuthorities) }),
    secure,
    minVersion: 'TLSv1.2',
    ciphers: SERVER_CIPHERS,
    name: options.hostName,
    banner: 'ready',
    heloResponse: '%s at your service',
    size: options.intake.limits.maxSize,
    maxRecipients: options.intake.limits.maxRecipients,
    authMethods: ['PLAIN', 'LOGIN'],
    hideENHANCEDSTATUSCODES: false,
    hideREQUIRETLS: false,
    disableReverseLookup: true,
    maxClients: limits.maxConnections,
    socketTimeout: limits.idleMs,
    closeTimeout: limits.drainMs,
    maxCommandLength: 4096,
    logger: false,
    onConnect: (session, done) => sessions.onConnect(session, done),
    onSecure: (socket, session, done) => sessions.onSecure(socket, session, done),
    onClose: (session) => sessions.onClose(session),
    onAuth: (auth, session, done) => sessions.onAuth(auth, session, done),
    onMailFrom: (address, session, done) => sessions.onMailFrom(address, session, done),
    onRcptTo: (address, session, done) => sessions.onRcptTo(address, session, done),
    onData: (stream, session, done) => sessions.onData(stream, session, done),
  };
}

/** The SMTP submission service (RFC 6409) over the intake use case. */
export function createSmtpIntake<Tx>(options: SmtpIntakeOptions<Tx>): SmtpIntake {
  const limits: SmtpLimits = { ...SMTP_LIMITS, ...options.limits };
  const { logger } = options;
  const proxies = trustedPeers(options.trustedProxies ?? []);
  let draining = false;
  let stopWatching: () => void = () => undefined;

  const servers = (): SubmissionServer[] => [implicit, upgraded].filter((server) => server !== null);
  const hangUp = (session: SMTPServerSession): void => {
    for (const server of servers()) {
      for (const connection of server.connections)
        if (connection.session === session) connection.send(421, '4.4.2 Took too long');
    }
  };
  const afterMessage = (): void => {
    // The reply is written after this turn; then a draining server has no more use for the connection.
    if (!draining) return;
    setImmediate(() => {
      for (const server of servers()) server.closeIdle();
    });
  };
  const sessions = new SmtpSessions({
    ...{ ...options, limits, hangUp, afterMessage },
    clientAuthorities: options.clientAuthorities ?? [],
  });

  const make = (secure: boolean): SubmissionServer => {
    const server = new SubmissionServer(libraryOptions(options, limits, sessions, secure), proxies);
    // Lost connections and failed handshakes are everyday; the text may quote the peer and is left out.
    server.on('error', (error) => logger.debug('smtp.connection-failed', describeFault(error)));
    return server;
  };
  const implicit = options.submissionsPort === null ? null : make(true);
  const upgraded = options.submissionPort === null ? null : make(false);

  const reloadCertificates = (): boolean => {
    try {
      const pair = readCertificate(options.certificate);
      for (const server of servers()) server.updateSecureContext({ cert: pair.cert, key: pair.key });
      logger.info('smtp.certificate-loaded');
      return true;
    } catch (error) {
      logger.error('smtp.certificate-unusable', describeFault(error));
      return false;
    }
  };

  return {
    listen: async () => {
      if (implicit !== null) await listenOn(implicit, options.submissionsPort ?? 0, options.address);
      if (upgraded !== null) await listenOn(upgraded, options.submissionPort ?? 0, options.address);
      stopWatching = watchCertificate(options.certificate, reloadCertificates);
    },
    ports: () => ({ submissions: portOf(implicit), submission: portOf(upgraded) }),
    reloadCertificates,
    close: async () => {
      draining = true;
      stopWatching();
      await Promise.all(
        servers().map(
          (server) =>
            new Promise<void>((resolve) => {
              server.close(() => resolve());
              server.closeIdle();
            }),
        ),
      );
    },
  };
}
