import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { AUTHENTIC_DATA, type DecodedPacket, DNSSEC_OK, decode, encode, RECURSION_DESIRED } from 'dns-packet';

/** A recursive DNS server. */
export interface DnsServer {
  readonly address: string;
  readonly port: number;
}

export type DnsType = 'A' | 'AAAA' | 'MX' | 'TXT' | 'CNAME' | 'TLSA';

export type DnsExchange =
  | { readonly kind: 'answer'; readonly packet: DecodedPacket }
  /** `timeout`, `unreachable` or `malformed`. */
  | { readonly kind: 'failed'; readonly code: 'timeout' | 'unreachable' | 'malformed' };

/** RFC 9715: answers up to this size cross the internet unfragmented; longer ones come again over TCP. */
const UDP_PAYLOAD = 1232;
const TCP_LIMIT = 65_535;

/**
 * Asks one server one question over UDP, and again over TCP when the answer was truncated (RFC 7766). Each question
 * has a random id and its own connected socket (RFC 5452), so answers from elsewhere are not even received.
 */
export async function exchange(
  server: DnsServer,
  name: string,
  type: DnsType,
  timeoutMs: number,
): Promise<DnsExchange> {
  const id = randomInt(0, 65_536);
  const query = encode({
    type: 'query',
    id,
    // AD in a query asks the resolver to tell whether it validated (RFC 6840 §5.7).
    flags: RECURSION_DESIRED | AUTHENTIC_DATA,
    questions: [{ name, type, class: 'IN' }],
    additionals: [{ type: 'OPT', name: '.', udpPayloadSize: UDP_PAYLOAD, flags: DNSSEC_OK }],
  });
  const fits = (packet: DecodedPacket): boolean => {
    const question = packet.questions[0];
    return (
      packet.type === 'response' &&
      packet.id === id &&
      question?.type === type &&
      question.name.toLowerCase() === name.toLowerCase()
    );
  };
  const first = await overUdp(server, query, fits, timeoutMs);
  if (first.kind === 'answer' && first.packet.flag_tc) return overTcp(server, query, fits, timeoutMs);
  return first;
}

type Fits = (packet: DecodedPacket) => boolean;

function overUdp(server: DnsServer, query: Buffer, fits: Fits, timeoutMs: number): Promise<DnsExchange> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
    const end = (result: DnsExchange): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => undefined); // a late ICMP error of a socket that is done with
      socket.close();
      resolve(result);
    };
    const timer = setTimeout(() => end({ kind: 'failed', code: 'timeout' }), timeoutMs);
    socket.on('error', () => end({ kind: 'failed', code: 'unreachable' }));
    socket.on('message', (bytes) => {
      const packet = readPacket(bytes);
      // Something else than the answer is waited out: a forger must not be able to end the question.
      if (packet !== null && fits(packet)) end({ kind: 'answer', packet });
    });
    socket.connect(server.port, server.address, () => socket.send(query));
  });
}

function overTcp(server: DnsServer, query: Buffer, fits: Fits, timeoutMs: number): Promise<DnsExchange> {
  return new Promise((resolve) => {
    const socket = connect({ host: server.address, port: server.port });
    let received = Buffer.alloc(0);
    const end = (result: DnsExchange): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end({ kind: 'failed', code: 'timeout' }), timeoutMs);
    socket.on('error', () => end({ kind: 'failed', code: 'unreachable' }));
    socket.on('close', () => end({ kind: 'failed', code: 'malformed' }));
    socket.on('connect', () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(query.length);
      socket.write(Buffer.concat([length, query]));
    });
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length > TCP_LIMIT + 2) return end({ kind: 'failed', code: 'malformed' });
      if (received.length < 2 || received.length < received.readUInt16BE(0) + 2) return;
      const packet = readPacket(received.subarray(2, 2 + received.readUInt16BE(0)));
      if (packet === null || !fits(packet)) return end({ kind: 'failed', code: 'malformed' });
      end({ kind: 'answer', packet });
    });
  });
}

function readPacket(bytes: Uint8Array): DecodedPacket | null {
  try {
    return decode(bytes);
  } catch {
    return null; // the decoder throws on anything malformed; the caller treats it as no answer
  }
}
