import type { FastifyRequest } from 'fastify';
import type { ClientCertificate } from '#core/client-certificate';
import { addressAllowed } from '#platform/access';
import {
  type Certificate,
  certificateOrNull,
  checkCertificate,
  clientOfSocket,
  describeClient,
} from '#platform/keyring';
import { headerOf } from './peer.ts';

/** Where client certificates are taken from. */
export interface ClientCertificateSource {
  /** The authorities that make a certificate's names mean something. */
  readonly authorities: readonly Certificate[];
  /** Proxies whose `Client-Cert` header (RFC 9440) is believed; empty: none, the header is not read. */
  readonly proxies: readonly string[];
}

const MOST_CHAIN = 6;

/** How to read the certificate of a request's peer, or of whom a trusted proxy speaks for; null where there is none. */
export function clientCertificates(
  source: ClientCertificateSource | null,
  now: () => Date,
): (request: FastifyRequest) => ClientCertificate | null {
  if (source === null) return () => null;
  return (request) => {
    const { socket } = request.raw;
    if (!isProxy(source, socket.remoteAddress)) return clientOfSocket(socket, now(), source.authorities);
    // A proxy that speaks for others may show a certificate of its own: that one is never theirs.
    const header = headerOf(request, 'client-cert');
    return header === undefined ? null : spokenFor(source, request, header, now());
  };
}

function isProxy({ proxies }: ClientCertificateSource, remote: string | undefined): boolean {
  // An empty list would allow everybody.
  if (proxies.length === 0 || remote === undefined) return false;
  return addressAllowed(remote.replace(/^::ffff:(?=\d+\.)/, ''), proxies);
}

function spokenFor(
  { authorities }: ClientCertificateSource,
  request: FastifyRequest,
  header: string,
  at: Date,
): ClientCertificate | null {
  const given = octetsIn(header);
  const certificate = given[0] === undefined || given.length > 1 ? null : certificateOrNull(given[0]);
  if (certificate === null) return null;
  const others = octetsIn(headerOf(request, 'client-cert-chain') ?? '')
    .slice(0, MOST_CHAIN)
    .map(certificateOrNull)
    .flatMap((one) => (one === null ? [] : [one]));
  const asked = { certificate, others, anchors: authorities, address: null, at } as const;
  const checked = checkCertificate({ ...asked, purpose: 'authenticate' });
  return checked.kind === 'trusted'
    ? describeClient(certificate, true, checked.chain)
    : describeClient(certificate, false);
}

/** Byte sequences of a structured field (RFC 8941): base64 between colons, several separated by commas. */
function octetsIn(header: string): Buffer[] {
  const items = header.split(',').map((item) => /^:([A-Za-z0-9+/]+={0,2}):$/.exec(item.trim())?.[1]);
  return items.every((item) => item !== undefined)
    ? items.map((item) => Buffer.from(item ?? '', 'base64'))
    : [];
}
