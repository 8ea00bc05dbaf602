// Room: the network. In: names, addresses and what a connection must be; out: DNS answers, SMTP sessions, web replies.
// Owns no data. Fails by values: a peer's behaviour is never thrown.
export { contentOf, gatherSmall } from './content.ts';
export { daneVerifier } from './dane-verifier.ts';
export { createLiveNetwork } from './live-network.ts';
export { createMtaSts, type KeptPolicy, type MtaSts, type MtaStsState, type MtaStsStore } from './mta-sts.ts';
export { listsHost } from './mta-sts-policy.ts';
export { createValidatingResolver } from './resolver.ts';
/** The door for connections of other protocols to hosts that others chose: LDAP. */
export { type ConnectFailure, safeConnect } from './safe-connect.ts';
/** The door for web requests to addresses that others chose: webhooks, key look-ups. */
export { type Fetched, type SafeFetchOptions, safeFetch } from './safe-fetch.ts';
export { type SentByTls, sendByTls, type TlsDestination } from './send-tls.ts';
export type { SmtpCredentials } from './smtp-auth.ts';
export {
  type Opened,
  openSession,
  RFC_TIMEOUTS,
  type SessionSecurity,
  type SmtpTimeouts,
} from './smtp-open.ts';
export type { SmtpSession, TransactionEnd } from './smtp-session.ts';
export { usableRecords } from './tlsa.ts';
export { mtaStsVerifier, type PeerVerifier, pkixVerifier } from './verify-peer.ts';
