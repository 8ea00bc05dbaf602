import type { Answer, DecodedPacket } from 'dns-packet';
import type { DaneSource, Looked, MxRecord, Resolver } from '#core/network';
import { createDaneSource } from './dane-source.ts';
import { type DnsServer, type DnsType, exchange } from './dns-exchange.ts';

export interface ResolverOptions {
  /** Asked in this order; the next one only when one does not answer. */
  readonly servers: readonly DnsServer[];
  /** Waiting times of the rounds over all servers, milliseconds. */
  readonly roundsMs?: readonly number[];
  /** Milliseconds from an arbitrary start, never going back. */
  readonly monotonic: () => number;
  /** Answers kept at most (default 10,000). */
  readonly cacheEntries?: number;
  /** Upper bound of a kept answer's life in seconds (default one hour). */
  readonly cacheSeconds?: number;
}

const DEFAULT_ROUNDS = [1_500, 4_000];
const CNAME_HOPS = 8;
const FAILURE_SECONDS = 2;
const NEGATIVE_SECONDS = 300;

/** An answer, and the name that its records stand at: another one than was asked for where CNAMEs led there. */
export interface Answered {
  readonly looked: Looked<Answer>;
  readonly name: string;
}
export type Look = (name: string, type: DnsType) => Promise<Answered>;

type Records = Answered & { readonly seconds: number };

/**
 * A stub resolver on a recursive server that is asked over real sockets: UDP, then TCP; time-outs, a second round,
 * CNAMEs followed, answers kept for their TTL. `secure` is the server's AD bit: worth what the path to it is worth.
 */
export function createResolver(options: ResolverOptions): Resolver {
  return resolverOn(createLook(options));
}

/**
 * The same on servers that validate DNSSEC and are reached over loopback or a path that the operator vouches for, with
 * DANE. Both share one cache.
 */
export function createValidatingResolver(options: ResolverOptions): {
  readonly resolver: Resolver;
  readonly dane: DaneSource;
} {
  const look = createLook(options);
  return { resolver: resolverOn(look), dane: createDaneSource(look) };
}

/** TTL-bound answers to one question, coalesced: a thousand deliveries to one domain ask once. */
function createLook(options: ResolverOptions): Look {
  const cache = new AnswerCache(options);
  return (name, type) => cache.get(`${type} ${name}`, () => follow(options, name, type));
}

function resolverOn(answered: Look): Resolver {
  const look = async (name: string, type: DnsType): Promise<Looked<Answer>> =>
    (await answered(name, type)).looked;
  return {
    async mx(domain) {
      const looked = await look(domain, 'MX');
      return pick<MxRecord>(looked, (answer) =>
        answer.type === 'MX'
          ? { preference: answer.data.preference ?? 0, exchange: hostName(answer.data.exchange) }
          : null,
      );
    },
    async addresses(host) {
      const [six, four] = await Promise.all([look(host, 'AAAA'), look(host, 'A')]);
      const address = (answer: Answer): string | null =>
        answer.type === 'A' || answer.type === 'AAAA' ? answer.data : null;
      return join(pick(six, address), pick(four, address));
    },
    async txt(name) {
      return pick(await look(name, 'TXT'), (answer) =>
        answer.type === 'TXT' ? joinText(answer.data) : null,
      );
    },
  };
}

/** Lower case, without the trailing dot; the root itself (a null MX, RFC 7505) becomes the empty string. */
function hostName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function joinText(data: string | Buffer | readonly (string | Buffer)[]): string {
  if (typeof data === 'string') return data;
  if (Buffer.isBuffer(data)) return data.toString('latin1');
  return data.map((part) => (typeof part === 'string' ? part : part.toString('latin1'))).join('');
}

function pick<T>(looked: Looked<Answer>, take: (answer: Answer) => T | null): Looked<T> {
  if (looked.kind !== 'found') return looked;
  const records: T[] = [];
  for (const answer of looked.records) {
    const record = take(answer);
    if (record !== null) records.push(record);
  }
  return { kind: 'found', records, secure: looked.secure };
}

/** IPv6 and IPv4 answers as one. A failure of one family hides nothing when the other one answered. */
function join(six: Looked<string>, four: Looked<string>): Looked<string> {
  const found = [six, four].filter((looked) => looked.kind === 'found');
  if (found.length > 0) {
    return {
      kind: 'found',
      records: found.flatMap((looked) => looked.records),
      secure: found.every((looked) => looked.secure),
    };
  }
  if (six.kind === 'failed') return six;
  if (four.kind === 'failed') return four;
  return {
    kind: 'none',
    nameExists: (six.kind === 'none' && six.nameExists) || (four.kind === 'none' && four.nameExists),
    secure: six.secure && four.secure,
  };
}

/** Asks until the CNAME chain ends in records, in nothing, or in a failure. */
async function follow(options: ResolverOptions, name: string, type: DnsType): Promise<Records> {
  let wanted = name.toLowerCase();
  let secure = true;
  let seconds = options.cacheSeconds ?? 3_600;
  for (let hop = 0; hop < CNAME_HOPS; hop += 1) {
    const answered = await ask(options, wanted, type);
    if (typeof answered === 'string') return failure(wanted, answered);
    secure &&= answered.flag_ad;
    const chain = walkChain(answered.answers, wanted, type);
    if (chain === null) return failure(wanted, 'cname-loop');
    seconds = Math.min(seconds, chain.seconds);
    if (chain.records.length > 0) {
      return { looked: { kind: 'found', records: chain.records, secure }, name: chain.name, seconds };
    }
    if (answered.rcode === 'NXDOMAIN' || chain.name === wanted) {
      const nameExists = answered.rcode !== 'NXDOMAIN';
      const looked: Looked<Answer> = { kind: 'none', nameExists, secure };
      return { looked, name: chain.name, seconds: negativeSeconds(answered, seconds) };
    }
    wanted = chain.name;
  }
  return failure(wanted, 'cname-loop');
}

function failure(name: string, code: string): Records {
  return { looked: { kind: 'failed', code }, name, seconds: FAILURE_SECONDS };
}

interface Chain {
  readonly name: string;
  readonly records: readonly Answer[];
  readonly seconds: number;
}

/** Follows the CNAMEs inside one answer; null for a loop. */
function walkChain(answers: readonly Answer[], start: string, type: DnsType): Chain | null {
  let name = start;
  let seconds = Number.POSITIVE_INFINITY;
  for (let hop = 0; hop <= CNAME_HOPS; hop += 1) {
    const here = answers.filter((answer) => answer.name.toLowerCase() === name);
    const records = here.filter((answer) => answer.type === type);
    if (records.length > 0) return { name, records, seconds: Math.min(seconds, ...records.map(ttl)) };
    const alias = here.find((answer) => answer.type === 'CNAME');
    if (alias?.type !== 'CNAME') return { name, records: [], seconds };
    seconds = Math.min(seconds, ttl(alias));
    name = hostName(alias.data);
  }
  return null;
}

function ttl(answer: Answer): number {
  return answer.type === 'OPT' ? 0 : (answer.ttl ?? 0);
}

/** RFC 2308 §5: the SOA's minimum, bounded. */
function negativeSeconds(packet: DecodedPacket, bound: number): number {
  const soa = packet.authorities.find((answer) => answer.type === 'SOA');
  const minimum = soa?.type === 'SOA' ? Math.min(soa.data.minimum ?? 0, soa.ttl ?? 0) : 0;
  return Math.min(minimum, bound, NEGATIVE_SECONDS);
}

/** The first usable answer (NOERROR or NXDOMAIN) of any server, or a code for why there is none. */
async function ask(options: ResolverOptions, name: string, type: DnsType): Promise<DecodedPacket | string> {
  let code = 'no-server';
  for (const timeoutMs of options.roundsMs ?? DEFAULT_ROUNDS) {
    for (const server of options.servers) {
      const answered = await exchange(server, name, type, timeoutMs);
      if (answered.kind === 'failed') {
        code = answered.code;
        continue;
      }
      const { rcode } = answered.packet;
      if (rcode === 'NOERROR' || rcode === 'NXDOMAIN') return answered.packet;
      code = rcode.toLowerCase();
    }
    // A server that said SERVFAIL has answered: asking it again at once teaches nothing.
    if (code !== 'timeout' && code !== 'unreachable') return code;
  }
  return code;
}

interface Kept {
  readonly answered: Promise<Answered>;
  until: number;
}

/** Answers by question, bounded in number; the oldest goes first. */
class AnswerCache {
  readonly #kept = new Map<string, Kept>();
  readonly #now: () => number;
  readonly #bound: number;

  constructor(options: ResolverOptions) {
    this.#now = options.monotonic;
    this.#bound = options.cacheEntries ?? 10_000;
  }

  get(key: string, find: () => Promise<Records>): Promise<Answered> {
    const held = this.#kept.get(key);
    if (held !== undefined && held.until > this.#now()) return held.answered;
    this.#kept.delete(key);
    const entry: Kept = {
      answered: find().then(({ looked, name, seconds }) => {
        entry.until = this.#now() + seconds * 1_000;
        return { looked, name };
      }),
      until: Number.POSITIVE_INFINITY, // while the question is open everybody waits for the same answer
    };
    this.#kept.set(key, entry);
    entry.answered.catch(() => this.#kept.delete(key));
    if (this.#kept.size > this.#bound) {
      const oldest = this.#kept.keys().next();
      if (oldest.done !== true) this.#kept.delete(oldest.value);
    }
    return entry.answered;
  }
}
