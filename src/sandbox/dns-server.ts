import { createSocket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import {
  type Answer,
  AUTHENTIC_DATA,
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  decode,
  encode,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
} from 'dns-packet';

/** What a name holds. A CNAME stands alone. */
export interface ZoneName {
  readonly mx?: readonly { readonly preference: number; readonly exchange: string }[];
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
  readonly txt?: readonly string[];
  readonly tlsa?: readonly {
    readonly usage: number;
    readonly selector: number;
    readonly matchingType: number;
    readonly certificate: Buffer;
  }[];
  readonly cname?: string;
  /** Answers SERVFAIL. */
  readonly broken?: boolean;
  /** Sets the AD bit, as a validating resolver would. */
  readonly authentic?: boolean;
}

export type Zones = ReadonlyMap<string, ZoneName>;

export interface SandboxDns {
  readonly address: '127.0.0.1';
  readonly port: number;
  /** Questions answered, as `TYPE name`. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

const TTL = 5;
const SERVFAIL = 2;
const NXDOMAIN = 3;
const UDP_WITHOUT_EDNS = 512;

/** A DNS server for the sandbox's names, over UDP and TCP on one loopback port. All other names do not exist. */
export async function startDns(zones: () => Zones): Promise<SandboxDns> {
  const asked: string[] = [];
  const answer = (bytes: Uint8Array, overUdp: boolean): Buffer | null => {
    const query = readQuery(bytes);
    const question = query?.questions[0];
    if (query === null || question === undefined) return null;
    if (asked.length < 10_000) asked.push(`${question.type} ${question.name.toLowerCase()}`);
    const reply = respond(zones(), query);
    const size = query.additionals.find((extra) => extra.type === 'OPT');
    const limit = size?.type === 'OPT' ? size.udpPayloadSize : UDP_WITHOUT_EDNS;
    if (!overUdp || reply.length <= limit) return reply;
    return encode({
      type: 'response',
      id: query.id,
      flags: RECURSION_DESIRED | RECURSION_AVAILABLE | TRUNCATED_RESPONSE,
      questions: query.questions,
    });
  };
  for (let attempt = 0; ; attempt += 1) {
    const udp = await listenUdp(answer);
    const port = udp.address().port;
    const tcp = await listenTcp(port, (bytes) => answer(bytes, false));
    if (tcp !== null) {
      const stop = async (): Promise<void> => {
        await new Promise<void>((resolve) => udp.close(() => resolve()));
        await new Promise<void>((resolve) => tcp.close(() => resolve()));
      };
      return { address: '127.0.0.1', port, asked, stop };
    }
    udp.close(); // somebody has that TCP port: try another pair
    if (attempt === 20) throw new Error('no port for the sandbox DNS');
  }
}

function listenUdp(answer: (bytes: Uint8Array, overUdp: boolean) => Buffer | null) {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, from) => {
    const reply = answer(bytes, true);
    if (reply !== null) socket.send(reply, from.port, from.address);
  });
  return new Promise<typeof socket>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => resolve(socket));
  });
}

function listenTcp(port: number, answer: (bytes: Uint8Array) => Buffer | null): Promise<Server | null> {
  const server = createServer((socket) => {
    let received: Buffer = Buffer.alloc(0);
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on('error', () => undefined); // a resolver that hangs up
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < received.readUInt16BE(0) + 2) return;
      const reply = answer(received.subarray(2, 2 + received.readUInt16BE(0)));
      if (reply === null) return void socket.destroy();
      const length = Buffer.alloc(2);
      length.writeUInt16BE(reply.length);
      socket.end(Buffer.concat([length, reply]));
    });
  });
  return new Promise((resolve) => {
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function readQuery(bytes: Uint8Array): DecodedPacket | null {
  try {
    return decode(bytes);
  } catch {
    return null; // malformed: no answer, as servers do
  }
}

function respond(zones: Zones, query: DecodedPacket): Buffer {
  const [question] = query.questions;
  const answers: Answer[] = [];
  let name = question?.name.toLowerCase().replace(/\.$/, '') ?? '';
  let held = zones.get(name);
  let authentic = held?.authentic === true;
  for (let hop = 0; held?.cname !== undefined && hop < 10; hop += 1) {
    answers.push({ name, type: 'CNAME', ttl: TTL, data: held.cname });
    name = held.cname;
    held = zones.get(name);
    authentic &&= held?.authentic === true || question?.type === 'CNAME';
  }
  const rcode = held === undefined ? NXDOMAIN : held.broken === true ? SERVFAIL : 0;
  if (held !== undefined && rcode === 0) answers.push(...records(name, held, question?.type ?? ''));
  const flags = RECURSION_DESIRED | RECURSION_AVAILABLE | AUTHORITATIVE_ANSWER;
  return encode({
    type: 'response',
    id: query.id,
    flags: flags | (authentic ? AUTHENTIC_DATA : 0) | rcode,
    questions: query.questions,
    answers,
    authorities: [
      { name: 'test', type: 'SOA', ttl: TTL, data: { mname: 'ns.test', rname: 'nobody.test', minimum: TTL } },
    ],
  });
}

function records(name: string, held: ZoneName, type: string): Answer[] {
  switch (type) {
    case 'MX':
      return (held.mx ?? []).map((data) => ({ name, type, ttl: TTL, data }));
    case 'A':
      return (held.a ?? []).map((data) => ({ name, type, ttl: TTL, data }));
    case 'AAAA':
      return (held.aaaa ?? []).map((data) => ({ name, type, ttl: TTL, data }));
    case 'TLSA':
      return (held.tlsa ?? []).map((data) => ({ name, type, ttl: TTL, data }));
    case 'TXT':
      return (held.txt ?? []).map((text) => ({
        name,
        type,
        ttl: TTL,
        data: text.match(/.{1,255}/gs) ?? [''],
      }));
    default:
      return [];
  }
}
