// Room: the network. In: names, addresses and what a connection must be; out: DNS answers, SMTP sessions, web replies.
// Owns no data. Fails by values: a peer's behaviour is never thrown.
export { contentOf, gatherSmall } from './content.ts';
export type { DnsServer } from './dns-exchange.ts';
export { createLiveNetwork, type LiveNetworkOptions, parseDnsServer } from './live-network.ts';
export { isPublicAddress } from './public-address.ts';
export { createResolver, type ResolverOptions } from './resolver.ts';
export { type Fetched, type FetchFailure, type SafeFetchOptions, safeFetch } from './safe-fetch.ts';
export type { SmtpCredentials } from './smtp-auth.ts';
export {
  type Opened,
  type OpenSession,
  openSession,
  RFC_TIMEOUTS,
  type SessionSecurity,
  type SmtpTimeouts,
} from './smtp-open.ts';
export type { MailTransaction, SmtpSession, TransactionEnd } from './smtp-session.ts';
export { type PeerEvidence, type PeerVerdict, type PeerVerifier, pkixVerifier } from './verify-peer.ts';
