import { connect, type Socket } from 'node:net';
import type { FailureCode } from '#core/decision';
import { NO_TRANSPORT, type SmtpReply, type TransportFacts } from '#core/transport';
import { authenticate, type SmtpCredentials } from './smtp-auth.ts';
import { type Capabilities, readCapabilities } from './smtp-capabilities.ts';
import { SmtpSession } from './smtp-session.ts';
import { type TlsMinimum, upgradeToTls } from './smtp-tls.ts';
import { type LostCode, SmtpWire } from './smtp-wire.ts';
import type { PeerVerifier } from './verify-peer.ts';

/** Waiting times in milliseconds. */
export interface SmtpTimeouts {
  readonly connect: number;
  readonly greeting: number;
  readonly command: number;
  readonly handshake: number;
  readonly dataStart: number;
  readonly dataBlock: number;
  readonly dataEnd: number;
}

/** RFC 5321 §4.5.3.2; it says nothing of connecting and of the handshake. */
export const RFC_TIMEOUTS: SmtpTimeouts = {
  connect: 30_000,
  greeting: 300_000,
  command: 300_000,
  handshake: 60_000,
  dataStart: 120_000,
  dataBlock: 180_000,
  dataEnd: 600_000,
};

/** What a connection must be before a word of an envelope is said on it. */
export type SessionSecurity =
  | {
      readonly kind: 'required';
      readonly minimum: TlsMinimum;
      readonly maximum?: TlsMinimum;
      /** Null: encrypted is enough, whoever the peer is. */
      readonly verifier: PeerVerifier | null;
    }
  | {
      /** TLS is a must; who the peer is is told and not demanded. For notices to a host whose DNS commits it to TLS. */
      readonly kind: 'encrypted';
      readonly verifier: PeerVerifier;
    }
  | {
      /** For what carries no content: TLS where it can be had, and the verdict is told. */
      readonly kind: 'opportunistic';
      readonly verifier: PeerVerifier;
    };

export interface OpenSession {
  /** Name of the peer, as in the MX record: judged against its certificate. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** Our name in EHLO. */
  readonly hostName: string;
  readonly security: SessionSecurity;
  /** PEM roots trusted beside the system's. Keep one array: contexts are cached by it. */
  readonly roots: readonly string[];
  readonly timeouts: SmtpTimeouts;
  /** TLS from the first octet (RFC 8314), for a smart host. */
  readonly implicitTls?: boolean;
  readonly credentials?: SmtpCredentials;
}

export type Opened =
  | {
      readonly kind: 'open';
      readonly session: SmtpSession;
      /** Why the verifier would not have let it through, where it was not to decide. */
      readonly doubt: FailureCode | null;
    }
  /** Nothing could be said. */
  | {
      readonly kind: 'unreachable';
      readonly code: 'connect-failed' | LostCode;
      readonly transport: TransportFacts;
    }
  /** The peer does not want to talk: its reply to the connection, EHLO or AUTH. */
  | {
      readonly kind: 'refused';
      readonly at: 'greeting' | 'auth';
      readonly reply: SmtpReply;
      readonly transport: TransportFacts;
    }
  /** The requirement does not hold; nothing but EHLO and STARTTLS was said. */
  | {
      readonly kind: 'unprotected';
      readonly code: FailureCode;
      readonly parameters: Readonly<Record<string, string | number>>;
      readonly transport: TransportFacts;
    };

/**
 * Connects, greets, secures and judges a peer. A session comes back only when the requirement holds. Opportunistic
 * sessions connect a second time without TLS when the handshake fails.
 */
export async function openSession(options: OpenSession): Promise<Opened> {
  const opened = await open(options, true);
  if (opened.kind !== 'unprotected' || options.security.kind !== 'opportunistic') return opened;
  const again = await open(options, false);
  return again.kind === 'open' ? { ...again, doubt: opened.code } : again;
}

async function open(options: OpenSession, mayUseTls: boolean): Promise<Opened> {
  const transport: TransportFacts = { ...NO_TRANSPORT, host: options.host, address: options.address };
  const socket = await connectTcp(options);
  if (socket === null) return { kind: 'unreachable', code: 'connect-failed', transport };
  const opening = new Opening(options, socket, transport);
  const opened = await opening.run(mayUseTls);
  if (opened.kind !== 'open') opening.wire.destroy();
  return opened;
}

function connectTcp({ address, port, timeouts }: OpenSession): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (result: Socket | null): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      if (result === null) {
        socket.on('error', () => undefined); // the destroyed socket's last word
        socket.destroy();
      }
      resolve(result);
    };
    const timer = setTimeout(() => end(null), timeouts.connect);
    socket.once('connect', () => end(socket));
    socket.once('error', () => end(null));
  });
}

/** The steps from a connected socket to a session, with what is known so far. */
class Opening {
  readonly wire: SmtpWire;
  readonly #options: OpenSession;
  #transport: TransportFacts;
  #doubt: FailureCode | null = null;

  constructor(options: OpenSession, socket: Socket, transport: TransportFacts) {
    this.#options = options;
    this.#transport = transport;
    this.wire = new SmtpWire(socket);
  }

  async run(mayUseTls: boolean): Promise<Opened> {
    const { timeouts, security, implicitTls } = this.#options;
    if (implicitTls === true) {
      const failed = await this.#secure();
      if (failed !== null) return failed;
    }
    const greeting = await this.#hear(timeouts.greeting);
    if (!('reply' in greeting)) return greeting;
    if (greeting.reply.code !== 220) return this.#refused(greeting.reply);
    let hello = await this.#hello();
    if (!('capabilities' in hello)) return hello;

    if (
      implicitTls !== true &&
      mayUseTls &&
      (security.kind !== 'opportunistic' || hello.capabilities.startTls)
    ) {
      const failed = await this.#startTls(hello.capabilities);
      if (failed !== null) return failed;
      hello = await this.#hello(); // RFC 3207 §4.2: what was learned before is forgotten
      if (!('capabilities' in hello)) return hello;
    } else if (implicitTls !== true) {
      this.#doubt = 'tls-not-offered';
    }
    return this.#finish(hello.capabilities);
  }

  async #finish(capabilities: Capabilities): Promise<Opened> {
    const { credentials, timeouts } = this.#options;
    if (credentials !== undefined) {
      if (this.#transport.tlsVersion === null) return this.#unprotected('tls-not-offered');
      const answer = await authenticate(this.wire, capabilities.auth, credentials, timeouts.command);
      if (answer.kind === 'lost') return this.#unreachable(answer.code);
      if (answer.kind === 'refused') return this.#refused(answer.reply, 'auth');
    }
    const session = new SmtpSession(this.wire, capabilities, this.#transport, timeouts);
    return { kind: 'open', session, doubt: this.#doubt };
  }

  /** EHLO; where that is not understood, HELO (RFC 5321 §4.1.4). */
  async #hello(): Promise<Opened | { readonly capabilities: Capabilities }> {
    for (const verb of ['EHLO', 'HELO']) {
      this.wire.write(`${verb} ${this.#options.hostName}\r\n`);
      const answer = await this.#hear(this.#options.timeouts.command);
      if (!('reply' in answer)) return answer;
      if (answer.reply.code === 250) {
        return { capabilities: readCapabilities(verb === 'EHLO' ? answer.reply.text : '') };
      }
      if (verb === 'HELO' || ![500, 501, 502, 504, 550].includes(answer.reply.code)) {
        return this.#refused(answer.reply);
      }
    }
    return this.#unreachable('connection-lost');
  }

  async #startTls(capabilities: Capabilities): Promise<Opened | null> {
    if (!capabilities.startTls) return this.#unprotected('tls-not-offered');
    this.wire.write('STARTTLS\r\n');
    const { replies, lost } = await this.wire.hear(1, this.#options.timeouts.command);
    const reply = replies[0];
    if (reply === undefined) return this.#unprotected('tls-handshake-failed', lost ?? 'closed');
    if (reply.code !== 220) return this.#unprotected('tls-not-offered', reply.code);
    return this.#secure();
  }

  /** Handshake and verdict; null when the requirement holds. */
  async #secure(): Promise<Opened | null> {
    const { host, security, roots, timeouts } = this.#options;
    const detached = this.wire.detach();
    if (detached !== 'clean') return this.#unprotected('tls-handshake-failed', detached);
    const upgraded = await upgradeToTls(this.wire.socket, {
      forwardSecret: security.kind !== 'opportunistic',
      host,
      minimum: security.kind === 'required' ? security.minimum : '1.2',
      maximum: security.kind === 'required' ? security.maximum : undefined,
      roots,
      timeoutMs: timeouts.handshake,
      verifier: security.verifier,
    });
    if (upgraded.kind === 'failed') return this.#unprotected(upgraded.code, upgraded.reason);
    const { verdict, facts, socket } = upgraded;
    const authenticatedBy = verdict?.kind === 'verified' ? verdict.by : 'none';
    if (verdict?.kind === 'failed') this.#doubt = verdict.code;
    this.#transport = { ...this.#transport, ...facts, authenticatedBy };
    if (security.kind === 'required' && security.verifier !== null && verdict?.kind !== 'verified') {
      socket.on('error', () => undefined); // the destroyed socket's last word
      socket.destroy();
      return this.#unprotected(verdict?.code ?? 'certificate-untrusted');
    }
    this.wire.reattach(socket);
    return null;
  }

  async #hear(timeoutMs: number): Promise<Opened | { readonly reply: SmtpReply }> {
    const { replies, lost } = await this.wire.hear(1, timeoutMs);
    const reply = replies[0];
    return reply === undefined ? this.#unreachable(lost ?? 'connection-lost') : { reply };
  }

  #unreachable(code: LostCode): Opened {
    return { kind: 'unreachable', code, transport: this.#transport };
  }

  #refused(reply: SmtpReply, at: 'greeting' | 'auth' = 'greeting'): Opened {
    return { kind: 'refused', at, reply, transport: this.#transport };
  }

  #unprotected(code: FailureCode, detail?: string | number): Opened {
    const { tlsVersion, certificateNotAfter } = this.#transport;
    return {
      kind: 'unprotected',
      code,
      parameters: {
        host: this.#options.host,
        ...(detail === undefined ? {} : { detail }),
        ...(tlsVersion === null ? {} : { tlsVersion }),
        ...(certificateNotAfter === null ? {} : { notAfter: certificateNotAfter.toISOString() }),
      },
      transport: this.#transport,
    };
  }
}
