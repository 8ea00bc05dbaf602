// Room: access. Who somebody is and what they may do. In: credentials, tokens, a caller; out: principals, sessions, refusals.
// Owns installation, organisation, domain, identity, factor, membership, session, ceremony, api_key, throttle. Every act here
// writes its audit entry in its own transaction and fails with it. Secrets are stored as hashes or MACs, addresses and names sealed.
export { type Access, createAccess } from './access.ts';
export { apiKeyMaker } from './api-key.store.ts';
export type { ApiKey, ApiKeys, IssuedApiKey, KeyPrincipal, NewApiKey } from './api-keys.ts';
export type { CeremonyTicket } from './ceremony.ts';
export { ASSERTION_ALGORITHMS, keySetSchema } from './client-assertion.ts';
export type { FetchKeySet } from './client-keys.ts';
export { EMERGENCY_MOST, type Emergency } from './emergency.ts';
export type { Enrolment, EnrolmentPurpose, ProvenEnrolment } from './enrolment.ts';
export type { FactorKind } from './factor.store.ts';
export type { Installation, InstallationDoor } from './installation.ts';
export type { Invitations } from './invitations.ts';
export type { KeyLimits } from './key-limits.ts';
export type { AddedMember, Member, Members, NewMember } from './members.ts';
export { addressAllowed, isNetwork, networkKey } from './network-key.ts';
export type { KeySource, Oauth, TokenRequest } from './oauth.ts';
export {
  allOrganisationIds,
  locateDomain,
  MOST_UNREAD_NOTICE_DAYS,
  readDomains,
  readOrganisationRows,
} from './organisation.store.ts';
export type { Organisation, Organisations } from './organisations.ts';
export {
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
  type RelyingParty,
  relyingParty,
} from './passkey.ts';
export { judgePassphrase, type PassphraseVerdict } from './passphrase.ts';
export { hashPassphrase } from './passphrase-hash.ts';
export {
  accessScopes,
  hasAccess,
  isPermission,
  ROLES,
  type Role,
  requireAccess,
} from './permissions.ts';
export type { Person } from './person.ts';
export { type AccessPorts, auditEntry, type From } from './ports.ts';
export type { ServiceAccount, ServiceAccounts } from './service-accounts.ts';
export type { LiveSession, SessionEntry, Sessions, StartedSession } from './sessions.ts';
export type { SignIn, SignInTicket } from './sign-in.ts';
export { verifyNewPasskey, verifyPasskey } from './verified-passkey.ts';
