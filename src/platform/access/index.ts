// Room: access. Who somebody is and what they may do. In: credentials, tokens, a caller; out: principals, sessions, refusals.
// Owns installation, organisation, domain, identity, factor, membership, session, ceremony, api_key, throttle, role, access_group,
// sign_in_trouble, group_member, role_assignment, guardrail, permission_use, care_relationship, provisioned_person, provisioned_group,
// provisioning_setting. Every act here
// writes its audit entry in its own transaction and fails with it. Secrets are stored as hashes or MACs, addresses and names sealed.
export { type Access, createAccess } from './access.ts';
export {
  accessRulesSchema,
  changeRules,
  readRules,
  replayRules,
  type Standing,
} from './access-rules.ts';
export type { OwnAccount, Owner, ShownCertificate } from './account.ts';
export { apiKeyMaker } from './api-key.store.ts';
export type { ApiKey, ApiKeys, IssuedApiKey, KeyPrincipal, NewApiKey } from './api-keys.ts';
export type { Assignment, AssignmentSubject, Assignments, NewAssignment } from './assignments.ts';
export { openBreachedPassphrases } from './breached-passphrases.ts';
export type { Care, CareMessage, CareRelationships } from './care.ts';
export type { CeremonyTicket } from './ceremony.ts';
export { ASSERTION_ALGORITHMS, keySetSchema } from './client-assertion.ts';
export type { FetchKeySet } from './client-keys.ts';
export type { SignInOutcome } from './complete-sign-in.ts';
export { EMERGENCY_MOST, type Emergency } from './emergency.ts';
export type { Enrolment, EnrolmentPurpose, ProvenEnrolment } from './enrolment.ts';
export type { FactorKind } from './factor.store.ts';
export { readGrants } from './grants.ts';
export type { Group, Groups } from './groups.ts';
export type { Guardrails } from './guardrails.ts';
export type { Installation, InstallationDoor } from './installation.ts';
export type { Invitations } from './invitations.ts';
export type { KeyLimits } from './key-limits.ts';
export type { MemberAccess, MemberRights } from './member-access.ts';
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
export { CERTIFICATE_FAULTS } from './own-certificates.ts';
export type { OwnRoles, RoleView } from './own-roles.ts';
export {
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
  type RelyingParty,
  relyingParty,
} from './passkey.ts';
export { judgePassphrase, type PassphraseVerdict } from './passphrase.ts';
export { hashPassphrase } from './passphrase-hash.ts';
export { sweepPermissionUse } from './permission-use.store.ts';
export type { PermissionUse } from './permission-use.ts';
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
export type { Provided } from './provided.ts';
export type { GroupRecord, ProvisionedGroup, ProvisionedGroups } from './provisioned-groups.ts';
export type { DirectoryHand, ProvisionedPeople } from './provisioned-people.ts';
export { NOTHING_KEPT, type PersonRecord, type ProvisionedPerson } from './provisioned-record.ts';
export {
  type ProofSubject,
  parseProof,
  proofFits,
  readProofKey,
} from './request-proof.ts';
export type { HoldingUsage, UseOf } from './review-usage.ts';
export type { ServiceAccount, ServiceAccounts } from './service-accounts.ts';
export {
  changeSettings,
  readSettings,
  type SessionSettings,
  sessionSettingsSchema,
} from './session-settings.ts';
export type { SessionEntry, Sessions, SessionUse } from './sessions.ts';
export type { SignIn, SignInTicket, SignInWay } from './sign-in.ts';
export type { DueEnrolment } from './sign-in-enrolment.ts';
export { LEVELS, type SignInRule, signInRuleSchema } from './sign-in-policy.ts';
export {
  domainsTaken,
  putSignOnDomains,
  readSignOnDomains,
  type SignOnDomain,
} from './sign-on-domains.store.ts';
export type { Explanation, Guardrail, Source, Stop } from './standing.ts';
export type { StartedSession } from './start-session.ts';
export { verifyNewPasskey, verifyPasskey } from './verified-passkey.ts';
export {
  authenticationOf,
  authenticationSchema,
  creationOptionsSchema,
  plainOptions,
  registrationOf,
  registrationSchema,
  requestOptionsSchema,
} from './webauthn-schemas.ts';
