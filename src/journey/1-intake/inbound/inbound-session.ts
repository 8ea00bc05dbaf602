import type { BlockList } from 'node:net';
import type { SMTPServerAddress, SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import type { Address } from '#core/address';
import { Refusal } from '#core/errors';
import type { MessageId, OrganisationId } from '#core/ids';
import { parseAddress } from '#platform/mail';
import { type Clock, describeFault, type Logger, newId } from '#platform/runtime';
import { replyOf, SmtpReplyError } from '../smtp-reply.ts';
import type { InboundLetter } from './submit-inbound.ts';

export interface InboundLimits {
  /** Connections of one address at a time. */
  readonly maxPerAddress: number;
  readonly maxMessagesPerConnection: number;
  /** Messages of one address in a minute. */
  readonly maxPerMinute: number;
  /** Recipients that are not ours before the connection is closed. */
  readonly maxStrangers: number;
  /** From DATA to its end, milliseconds. */
  readonly dataMs: number;
}

export interface InboundSessionPorts {
  submit(letter: InboundLetter, content: AsyncIterable<Buffer>): Promise<MessageId>;
  /** Whose mail a domain's is, where it is taken; null for everybody else's. */
  organisationOf(domain: string): Promise<OrganisationId | null>;
  reserveOk(): boolean;
  /** False while nothing is taken (a sandbox listener after the sandbox was left). */
  accepting(): boolean;
  /** A message for this organisation was refused after it had come: code and reason, never content. */
  refused(organisation: OrganisationId, origin: string, code: string, reason: string | null): Promise<void>;
  /** Who may hand mail in; null: everybody. */
  readonly networks: BlockList | null;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: InboundLimits;
  readonly hangUp: (session: SMTPServerSession) => void;
  readonly afterMessage: () => void;
}

type Done = (error?: Error | null) => void;
type DataDone = (error?: Error | null, message?: string) => void;

interface State {
  organisation: OrganisationId | null;
  messages: number;
  strangers: number;
}

/** An MX asks nobody who they are; VRFY and EXPN would tell who exists. */
const DISABLED = ['AUTH', 'XCLIENT', 'XFORWARD', 'WIZ', 'SHELL', 'KILL', 'VRFY'];
const MINUTE_MS = 60_000;
const MOST_COUNTED = 50_000;
const LOOP = '5.4.6 Routing loop detected';

/** The handlers of the listener that stands before an organisation's own mail server. */
export class InboundSessions {
  readonly #ports: InboundSessionPorts;
  readonly #states = new WeakMap<SMTPServerSession, State>();
  readonly #perAddress = new Map<string, number>();
  /** Messages of each address in the running minute. */
  #counts = new Map<string, number>();
  #minuteEnds = 0;

  constructor(ports: InboundSessionPorts) {
    this.#ports = ports;
  }

  onConnect(session: SMTPServerSession, done: Done): void {
    const { limits, networks } = this.#ports;
    const count = (this.#perAddress.get(session.remoteAddress) ?? 0) + 1;
    this.#perAddress.set(session.remoteAddress, count);
    this.#states.set(session, { organisation: null, messages: 0, strangers: 0 });
    session.disabledCommands = DISABLED;
    if (networks !== null && !isIn(networks, session.remoteAddress)) {
      done(new SmtpReplyError(554, '5.7.1 No mail from your network'));
      return;
    }
    if (count > limits.maxPerAddress) {
      done(new SmtpReplyError(421, '4.7.0 Too many connections from you'));
      return;
    }
    done();
  }

  onClose(session: SMTPServerSession): void {
    if (!this.#states.delete(session)) return;
    const count = (this.#perAddress.get(session.remoteAddress) ?? 1) - 1;
    if (count <= 0) this.#perAddress.delete(session.remoteAddress);
    else this.#perAddress.set(session.remoteAddress, count);
  }

  onMailFrom(given: SMTPServerAddress, session: SMTPServerSession, done: Done): void {
    const run = async (): Promise<void> => {
      const state = this.#state(session);
      const { limits, accepting, reserveOk } = this.#ports;
      if (!accepting()) throw new SmtpReplyError(450, '4.3.2 Not accepting mail now');
      if (state.messages >= limits.maxMessagesPerConnection)
        throw new SmtpReplyError(421, '4.7.0 Too many messages on this connection');
      if (!reserveOk()) throw new Refusal('storage-low');
      if (!this.#mayCome(session.remoteAddress)) throw new Refusal('too-many-requests');
      senderOf(given);
      state.organisation = null;
    };
    this.#answer(run(), done);
  }

  onRcptTo(given: SMTPServerAddress, session: SMTPServerSession, done: Done): void {
    const run = async (): Promise<void> => {
      const state = this.#state(session);
      const recipient = addressOf(given.address);
      const organisation = await this.#ports.organisationOf(recipient.domain);
      if (organisation === null) {
        state.strangers += 1;
        if (state.strangers > this.#ports.limits.maxStrangers)
          throw new SmtpReplyError(421, '4.7.0 Too many recipients that are not here');
        throw new SmtpReplyError(550, '5.7.1 Relaying denied: no mail for this domain here');
      }
      // One transaction, one organisation, one commit: the client sends the others' copies in a transaction of their own.
      if (state.organisation !== null && state.organisation !== organisation)
        throw new SmtpReplyError(452, '4.5.3 Too many recipients, send this one separately');
      state.organisation = organisation;
    };
    this.#answer(run(), done);
  }

  onData(stream: SMTPServerDataStream, session: SMTPServerSession, done: DataDone): void {
    const { limits, hangUp, afterMessage } = this.#ports;
    const deadline = setTimeout(() => hangUp(session), limits.dataMs).unref();
    stream.on('error', () => undefined);
    this.#take(stream, session)
      .then(
        (id) => done(null, `2.6.0 Accepted as ${id}`),
        async (error: unknown) => {
          this.#note(error);
          await this.#tell(error, session);
          // The reply follows the end of the data (RFC 5321 §4.1.1.4), so what is left of it is read away.
          stream.resume();
          done(isLoop(error) ? new SmtpReplyError(554, LOOP) : replyOf(error));
        },
      )
      .finally(() => {
        clearTimeout(deadline);
        afterMessage();
      });
  }

  async #take(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<MessageId> {
    const state = this.#state(session);
    state.messages += 1;
    const { mailFrom, rcptTo } = session.envelope;
    if (mailFrom === false || state.organisation === null) throw new Refusal('wrong-state');
    const letter: InboundLetter = {
      organisation: state.organisation,
      sender: senderOf(mailFrom),
      recipients: distinct(rcptTo.map(({ address }) => addressOf(address))),
      peer: {
        address: session.remoteAddress.replace(/^::ffff:/i, ''),
        helo: typeof session.hostNameAppearsAs === 'string' ? session.hostNameAppearsAs : '',
        tls: session.secure ? tlsVersion(session) : null,
      },
      request: newId(),
    };
    return this.#ports.submit(letter, octetsOf(stream));
  }

  #state(session: SMTPServerSession): State {
    const state = this.#states.get(session);
    if (state === undefined) throw new Refusal('wrong-state');
    return state;
  }

  /** A fixed window: at its edge twice the rate passes, which is no harm for what it is there for. */
  #mayCome(address: string): boolean {
    const now = this.#ports.clock.monotonic();
    if (now >= this.#minuteEnds || this.#counts.size > MOST_COUNTED) {
      this.#counts = new Map();
      this.#minuteEnds = now + MINUTE_MS;
    }
    const count = (this.#counts.get(address) ?? 0) + 1;
    this.#counts.set(address, count);
    return count <= this.#ports.limits.maxPerMinute;
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

  /** A refused message is the organisation's to know: its sender may ask about it. */
  async #tell(error: unknown, session: SMTPServerSession): Promise<void> {
    const organisation = this.#states.get(session)?.organisation ?? null;
    if (organisation === null || !(error instanceof Refusal)) return;
    const { reason } = error.parameters;
    const address = session.remoteAddress.replace(/^::ffff:/i, '');
    const why = typeof reason === 'string' ? reason : null;
    await this.#ports.refused(organisation, address, error.code, why).catch((fault: unknown) => {
      this.#ports.logger.error('inbound.refusal-not-recorded', describeFault(fault));
    });
  }

  #note(error: unknown): void {
    if (error instanceof Refusal || error instanceof SmtpReplyError) return;
    if (error instanceof Error && 'code' in error && error.code === 'ECONNECTION') return;
    this.#ports.logger.error('inbound.command-failed', describeFault(error));
  }
}

function isLoop(error: unknown): boolean {
  return error instanceof Refusal && error.parameters.reason === 'mail-loop';
}

function isIn(networks: BlockList, remote: string): boolean {
  const address = remote.replace(/^::ffff:/i, '');
  return networks.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === null) throw new Refusal('invalid-address');
  return address;
}

/** Null for `MAIL FROM:<>`. */
function senderOf({ address }: SMTPServerAddress): Address | null {
  return address === '' ? null : addressOf(address);
}

function distinct(addresses: readonly Address[]): Address[] {
  const seen = new Map(addresses.map((one) => [`${one.local}@${one.domain.toLowerCase()}`, one]));
  return [...seen.values()];
}

function tlsVersion(session: SMTPServerSession): string {
  const { tlsOptions } = session;
  return typeof tlsOptions === 'object' && typeof tlsOptions.version === 'string'
    ? tlsOptions.version
    : 'TLS';
}

/** As in the submission: not destroyed when its reader stops early. */
async function* octetsOf(stream: SMTPServerDataStream): AsyncGenerator<Buffer> {
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('octets expected');
    yield chunk;
  }
}
