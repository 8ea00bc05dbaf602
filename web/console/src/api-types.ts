import type { paths, Schemas } from '@sealpost/client';

/** The API's shapes by the names that the console uses; all of them come from the generated client. */
export type { Problem } from '@sealpost/client';

export interface Page<T> {
  items: T[];
  /** Cursor of the next page, null at the end. */
  next: string | null;
}

export type Session = Schemas['Session'];
export type Mode = Session['mode'];
export type SignInWay = Schemas['SignInWay'];
export type EnrolmentDue = Schemas['EnrolmentDue'];
export type OwnAccount = Schemas['OwnAccount'];
export type SignInPolicy = Schemas['SignInPolicy'];
export type SignInRule = SignInPolicy['rule'];
export type SignInLevel = SignInRule['everyone'];
export type SetupState = Schemas['SetupState'];
export type Ceremony = Schemas['Ceremony'];
export type SetupDone = Schemas['EnrolmentDone'];
export type SessionEntry = Schemas['SessionEntry'];

export type Method = Schemas['Method'];
export type SensitivityClass = Schemas['SensitivityClass'];
export type Stream = Schemas['Stream'];
export type DeliveryState = Schemas['DeliveryState'];
export type TlsRequirement = Schemas['TlsRequirement'];
export type Decision = Schemas['Decision'];

export type Overview = Schemas['Overview'];
export type MessageFilter = Schemas['MessageFilterInput'];
export type MethodFilter = Method | 'none';
export type MessageSummary = Schemas['MessageSummary'];
export type MessageDetail = Schemas['MessageDetail'];
export type DeliveryDetail = Schemas['DeliveryDetail'];
export type AttemptView = Schemas['Attempt'];
export type ProofDocument = Schemas['Proof'];
export type NewMessage = Schemas['NewMessageInput'];
export type CancelResult = Schemas['CancelResult'];
export type RetractResult = Schemas['RetractResult'];

export type PolicyDocument = Required<Schemas['PolicyDocumentInput']>;
export type PolicyOverride = Pick<PolicyDocument['domains'][number], 'methods' | 'tls' | 'exclusive'>;
export type PolicyVersion = Schemas['PolicyVersion'];
export type PolicyReview = Schemas['PolicyReview'];
export type PolicyPreview = Schemas['PolicyPreview'];
export type PolicyDifference = Schemas['PolicyDifference'];
export type PolicySentence = Schemas['PolicySentence'];
export type PolicyDraft = Schemas['PolicyDraft'];
export type PolicyProposal = Schemas['PolicyProposal'];
export type PolicyReplay = Schemas['PolicyReplay'];
export type ReplayGroup = Schemas['ReplayGroup'];
export type ReplaySample = Schemas['ReplaySample'];

export type RecipientCertificate = Schemas['RecipientCertificate'];
export type TrustAnchor = Schemas['TrustAnchor'];
export type CertificateStanding = Schemas['CertificateStanding'];
export type CertificateDirectory = Schemas['CertificateDirectory'];
export type CertificateDirectorySettings = Schemas['CertificateDirectorySettingsInput'];
export type CertificateDirectoryTest = Schemas['CertificateDirectoryTest'];
export type SmimeSettings = Schemas['SmimeSettings'];
export type SmimeSettingsInput = Schemas['SmimeSettingsInput'];
export type OrganisationKey = Schemas['OrganisationKey'];
export type EarlierOrganisationKey = Schemas['EarlierOrganisationKey'];
export type KeyRevocationReason = NonNullable<EarlierOrganisationKey['revocationReason']>;
export type OpenpgpSettings = Schemas['OpenpgpSettings'];
export type OpenpgpSettingsInput = Schemas['OpenpgpSettingsInput'];
export type Waiver = Schemas['Waiver'];
export type Recipient = Schemas['Recipient'];
export type PaperLetter = Schemas['PaperLetter'];
export type TextChannel = Schemas['TextChannel'];
export type TextGateway = Schemas['TextGateway'];
export type RecipientChange = NonNullable<
  paths['/v1/recipients/{id}']['put']['requestBody']
>['content']['application/json'];
export type NewTextGateway = NonNullable<
  paths['/v1/text-channel/gateway']['put']['requestBody']
>['content']['application/json'];
export type InboundDomain = Schemas['InboundDomain'];
export type InboundHostLook = Schemas['InboundHostLook'];
export type CaregiverGrant = Schemas['CaregiverGrant'];
export type PdfPassword = Schemas['PdfPassword'];
export type PdfPasswordSet = Schemas['PdfPasswordSet'];
export type PdfSettings = Schemas['PdfSettingsInput'];
export type PdfSettingsShown = Schemas['PdfSettingsShown'];

export type Permission = Schemas['Permission'];
export type ApiKey = Schemas['ApiKey'];
export type BreakGlass = Schemas['BreakGlass'];
export type AccessReview = Schemas['AccessReview'];
export type AccessUse = Schemas['AccessUse'];
export type AccessReviewItem = Schemas['AccessReviewItem'];
export type PendingAct = Schemas['PendingAct'];
export type PendingActValue = Schemas['PendingActValue'];
export type ServiceAccount = Schemas['ServiceAccount'];
export type IssuedApiKey = Schemas['IssuedApiKey'];
export type RecipientKey = Schemas['RecipientKey'];
export type Organisation = Schemas['Organisation'];
export type PortalSignInRule = Schemas['PortalSignInRule'];
export type PortalDelegation = Schemas['PortalDelegation'];
export type PortalDelegationChange = Schemas['PortalDelegationChangeInput'];
export type Role = Schemas['RoleInput'];
export type Member = Schemas['Member'];
export type AccessRole = Schemas['AccessRole'];
export type AccessGroup = Schemas['AccessGroup'];
export type AccessSubject = Schemas['AccessSubject'];
export type AccessScope = Schemas['AccessScope'];
export type RoleAssignment = Schemas['RoleAssignment'];
export type AccessExplanation = Schemas['AccessExplanation'];
export type MemberAccess = Schemas['MemberAccess'];
export type GuardrailRules = Schemas['GuardrailRules'];
export type CareRelationship = Schemas['CareRelationship'];
export type AuditEvidence = Schemas['AuditEvidence'];
export type Installation = Schemas['Installation'];

/** Answer of POST /v1/members; the link of the invitation is `<console>/invitation#<token>`. */
export interface AddedMember {
  id: string;
  invitation: Schemas['Invitation'] | null;
}

export type HeaderAnalysis = Schemas['HeaderAnalysis'];
export type Hop = Schemas['Hop'];
export type HopVerdict = Schemas['HopVerdict'];
export type DomainReport = Schemas['DomainReport'];
export type CheckedHost = Schemas['CheckedHost'];

export type AuditEntry = Schemas['AuditEntry'];
export type AuditVerification = Schemas['AuditVerification'];

export type SandboxPeer = Schemas['SandboxPeer'];
export type SandboxMailbox = Schemas['SandboxMailbox'];
export type SandboxMessage = Schemas['SandboxMessage'];

export type MappedGroup = Schemas['MappedGroup'];
export type ProvisioningConnection = Schemas['ProvisioningConnection'];
export type ProvisioningInput = Schemas['ProvisioningConnectionSettingsInput'];
export type ProvisioningRun = Schemas['ProvisioningRun'];
export type SsoConnection = Schemas['SsoConnection'];
export type SsoTry = Schemas['SsoTry'];
export type SsoChange = NonNullable<
  paths['/v1/sso-connections/{id}']['put']['requestBody']
>['content']['application/json'];
export type Incident = Schemas['Incident'];
export type IncidentDetail = Schemas['IncidentDetail'];
export type IncidentAct = Schemas['IncidentActInput'];
export type AlertSeverity = Schemas['AlertSeverity'];
export type AlertRule = Schemas['AlertRule'];
export type AlertRuleDefinition = Schemas['AlertRuleDefinition'];
export type AlertRuleTry = Schemas['AlertRuleTry'];
export type AlertChannel = Schemas['AlertChannel'];
export type AlertChannelTo = Schemas['AlertChannelToInput'];
export type AlertSettings = Schemas['AlertSettingsInput'];

export type SecurityScore = Schemas['SecurityScore'];
export type SecurityCheck = Schemas['SecurityCheck'];
export type DomainProof = Schemas['DomainProof'];
