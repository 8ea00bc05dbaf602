import type {
  SMTPServerAddress,
  SMTPServerAuthentication,
  SMTPServerAuthenticationResponse,
  SMTPServerDataStream,
  SMTPServerSession,
} from 'smtp-server';
import type { Caller } from '#core/actor';
import type { Address } from '#core/address';
import type { ClientCertificate } from '#core/client-certificate';
import { Refusal } from '#core/errors';
import { type Certificate, clientOfSocket } from '#platform/keyring';
import { parseAddress } from '#platform/mail';
import { describeFault, type Logger } from '#platform/runtime';
import type { Intake } from './ports.ts';
import { replyOf, SmtpReplyError } from './smtp-reply.ts';

/**
 * Checks a user and secret. Null for a wrong pair; throws Refusal `too-many-requests` while throttled. Whoever
 * implements it counts the failures.
 */
export type Authenticate = (
  user: string,
  secret: string,
  remoteAddress: string,
  certificate: ClientCertificate | null,
) => Promise<Caller | null>;

export interface SessionLimits {
  /** Connections of one address at a time. */
  readonly maxPerAddress: number;
  readonly maxMessagesPerConnection: number;
  /** Wrong pairs before the connection is closed. */
  readonly maxFailures: number;
  /** From connecting to being signed in. */
  readonly signInMs: number;
  /** From DATA to its end. */
  readonly dataMs: number;
}

interface State {
  caller: Caller | null;
  /** Asks again who the client is: what it signed in with may have ended since. */
  again: (() => Promise<Caller | null>) | null;
  failures: number;
  messages: number;
  deadline: NodeJS.Timeout | null;
}

type Done = (error?: Error | null) => void;
type AuthDone = (error: Error | null | undefined, response?: SMTPServerAuthenticationResponse) => void;
type DataDone = (error?: Error | null, message?: string) => void;

/** Commands that have no place in submission. VRFY and EXPN would tell who exists. */
const DISABLED = ['XCLIENT', 'XFORWARD', 'WIZ', 'SHELL', 'KILL', 'VRFY'];

/** What a session is given to act with. */
export interface SessionPorts {
  readonly intake: Pick<Intake<never>, 'checkRecipient' | 'checkReserve' | 'checkSender' | 'submit'>;
  readonly authenticate: Authenticate;
  readonly logger: Logger;
  readonly limits: SessionLimits;
  /** Of client certificates. */
  readonly clientAuthorities: readonly Certificate[];
  /** Cuts a connection that took too long. */
  readonly hangUp: (session: SMTPServerSession) => void;
  /** A transaction has ended; the drain waits for it. */
  readonly afterMessage: () => void;
}

/** The handlers of smtp-server's events, with the state of each session kept here and not in its untyped `user`. */
export class SmtpSessions {
  readonly #ports: SessionPorts;
  readonly #states = new WeakMap<SMTPServerSession, State>();
  /** What the client showed in TLS; the library has no place for it in the session. */
  readonly #certificates = new WeakMap<SMTPServerSession, ClientCertificate>();
  readonly #perAddress = new Map<string, number>();

  constructor(ports: SessionPorts) {
    this.#ports = ports;
  }

  onConnect(session: SMTPServerSession, done: Done): void {
    const { limits, hangUp } = this.#ports;
    const count = (this.#perAddress.get(session.remoteAddress) ?? 0) + 1;
    this.#perAddress.set(session.remoteAddress, count);
    const state: State = { caller: null, again: null, failures: 0, messages: 0, deadline: null };
    this.#states.set(session, state);
    // Without TLS there is no AUTH, not even in the EHLO reply: a client must not be tempted to send its secret.
    session.disabledCommands = session.secure ? DISABLED : [...DISABLED, 'AUTH'];
    if (count > limits.maxPerAddress) {
      done(new SmtpReplyError(421, '4.7.0 Too many connections from you'));
      return;
    }
    state.deadline = setTimeout(() => hangUp(session), limits.signInMs).unref();
    done();
  }

  onSecure(socket: unknown, session: SMTPServerSession, done: Done): void {
    const certificate = clientOfSocket(socket, new Date(), this.#ports.clientAuthorities);
    if (certificate !== null) this.#certificates.set(session, certificate);
    session.disabledCommands = DISABLED;
    done();
  }

  onClose(session: SMTPServerSession): void {
    const state = this.#states.get(session);
    if (state === undefined) return;
    this.#states.delete(session);
    this.#stop(state);
    const count = (this.#perAddress.get(session.remoteAddress) ?? 1) - 1;
    if (count <= 0) this.#perAddress.delete(session.remoteAddress);
    else this.#perAddress.set(session.remoteAddress, count);
  }

  onAuth(auth: SMTPServerAuthentication, session: SMTPServerSession, done: AuthDone): void {
    const state = this.#states.get(session);
    if (state === undefined || !session.secure) {
      done(new SmtpReplyError(538, '5.7.11 TLS is required first'));
      return;
    }
    const { username = '', password } = auth;
    // An authorisation identity other than the user itself would be acting for somebody else (RFC 4616 §2).
    const acting = auth.authzid !== undefined && auth.authzid !== '' && auth.authzid !== username;
    const again =
      acting || typeof password !== 'string' || username.length > 320 || password.length > 1024
        ? () => Promise.resolve(null)
        : () =>
            this.#ports.authenticate(
              username,
              password,
              session.remoteAddress,
              this.#certificates.get(session) ?? null,
            );
    again().then(
      (caller) => {
        if (caller !== null) {
          Object.assign(state, { caller, again });
          this.#stop(state);
          return done(null, { user: caller.request });
        }
        state.failures += 1;
        if (state.failures >= this.#ports.limits.maxFailures)
          return done(new SmtpReplyError(421, '4.7.0 Too many failed tries'));
        return done(new SmtpReplyError(535, '5.7.8 Authentication credentials are not valid'));
      },
      (error: unknown) => {
        const throttled = error instanceof Refusal && error.code === 'too-many-requests';
        if (!throttled) this.#ports.logger.error('smtp.auth-failed', describeFault(error));
        done(new SmtpReplyError(454, throttled ? '4.7.0 Too many tries, wait' : '4.7.0 Temporary failure'));
      },
    );
  }

  onMailFrom(given: SMTPServerAddress, session: SMTPServerSession, done: Done): void {
    const run = async (): Promise<void> => {
      const { state, caller } = await this.#stillSignedIn(session);
      if (state.messages >= this.#ports.limits.maxMessagesPerConnection)
        throw new SmtpReplyError(421, '4.7.0 Too many messages on this connection');
      this.#ports.intake.checkReserve();
      // A null reverse-path is for reports (RFC 5321 §4.5.5), and those are made here, not submitted.
      if (given.address === '') throw new Refusal('sender-not-allowed');
      await this.#ports.intake.checkSender(caller, 'smtp', addressOf(given));
    };
    this.#answer(run(), done);
  }

  onRcptTo(given: SMTPServerAddress, session: SMTPServerSession, done: Done): void {
    const run = async (): Promise<void> => {
      this.#signedIn(session);
      this.#ports.intake.checkRecipient(addressOf(given));
    };
    this.#answer(run(), done);
  }

  onData(stream: SMTPServerDataStream, session: SMTPServerSession, done: DataDone): void {
    const { intake, limits, hangUp, afterMessage } = this.#ports;
    const deadline = setTimeout(() => hangUp(session), limits.dataMs).unref();
    // A client that leaves in the middle: the reader below sees it too, and nothing is acknowledged.
    stream.on('error', () => undefined);
    const run = async (): Promise<string> => {
      const { state, caller } = await this.#stillSignedIn(session);
      state.messages += 1;
      const { mailFrom, rcptTo } = session.envelope;
      if (mailFrom === false) throw new Refusal('wrong-state');
      const envelope = { sender: addressOf(mailFrom), recipients: rcptTo.map(addressOf) };
      const accepted = await intake.submit(caller, envelope, octetsOf(stream), {
        source: 'smtp',
        protocol: 'ESMTPSA',
        // The library offers REQUIRETLS inside TLS only, and refuses it elsewhere and with a value (RFC 8689 §4.1).
        requireTls: saidRequireTls(mailFrom),
      });
      return `2.6.0 Accepted as ${accepted.id}`;
    };
    run()
      .then(
        (text) => done(null, text),
        (error: unknown) => {
          this.#note(error);
          // The reply follows the end of the data (RFC 5321 §4.1.1.4), so what is left of it is read away.
          stream.resume();
          done(replyOf(error));
        },
      )
      .finally(() => {
        clearTimeout(deadline);
        afterMessage();
      });
  }

  #signedIn(session: SMTPServerSession): { readonly state: State; readonly caller: Caller } {
    const state = this.#states.get(session);
    if (!session.secure) throw new SmtpReplyError(530, '5.7.0 Must issue a STARTTLS command first');
    if (state === undefined || state.caller === null) throw new Refusal('not-authenticated');
    return { state, caller: state.caller };
  }

  /** A connection lives for hours; a key or its maker may have ended a second ago. What was checked is kept for seconds. */
  async #stillSignedIn(
    session: SMTPServerSession,
  ): Promise<{ readonly state: State; readonly caller: Caller }> {
    const { state } = this.#signedIn(session);
    const caller = (await state.again?.()) ?? null;
    if (caller === null) throw new SmtpReplyError(421, '4.7.0 Your credentials have ended');
    state.caller = caller;
    return { state, caller };
  }

  #answer(work: Promise<void>, done: Done): void {
    work.then(
      () => done(),
      (error: unknown) => {
        this.#note(error);
        done(replyOf(error));
      },
    );
  }

  /** Faults are logged; refusals are the client's to know. */
  #note(error: unknown): void {
    if (error instanceof Refusal || error instanceof SmtpReplyError) return;
    if (error instanceof Error && 'code' in error && error.code === 'ECONNECTION') return;
    this.#ports.logger.error('smtp.command-failed', describeFault(error));
  }

  #stop(state: State): void {
    if (state.deadline !== null) clearTimeout(state.deadline);
    state.deadline = null;
  }
}

function saidRequireTls({ args }: SMTPServerAddress): boolean {
  return typeof args === 'object' && args !== null && 'REQUIRETLS' in args && args.REQUIRETLS === true;
}

function addressOf(given: SMTPServerAddress): Address {
  const address = parseAddress(given.address);
  if (address === null) throw new Refusal('invalid-address');
  return address;
}

/**
 * The octets after dot-unstuffing. The stream is not destroyed when its reader stops early: the library would then
 * answer before the client has sent its final dot.
 */
async function* octetsOf(stream: SMTPServerDataStream): AsyncGenerator<Buffer> {
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('octets expected');
    yield chunk;
  }
}
