// Room: the network. In: names, addresses and what a connection must be; out: DNS answers, SMTP sessions, web replies.
// Owns no data. Fails by values: a peer's behaviour is never thrown.
export { contentOf, gatherSmall } from './content.ts';
export { createLiveNetwork } from './live-network.ts';
export { createResolver } from './resolver.ts';
/** The door for web requests to addresses that others chose: MTA-STS policies, webhooks, key look-ups. */
export { type Fetched, type SafeFetchOptions, safeFetch } from './safe-fetch.ts';
export type { SmtpCredentials } from './smtp-auth.ts';
export {
  type Opened,
  openSession,
  RFC_TIMEOUTS,
  type SessionSecurity,
  type SmtpTimeouts,
} from './smtp-open.ts';
export type { SmtpSession, TransactionEnd } from './smtp-session.ts';
export { type PeerVerifier, pkixVerifier } from './verify-peer.ts';
