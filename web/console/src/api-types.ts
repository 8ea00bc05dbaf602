import type { Schemas } from '@sealpost/client';

/** The API's shapes by the names that the console uses; all of them come from the generated client. */
export type { Problem } from '@sealpost/client';

export interface Page<T> {
  items: T[];
  /** Cursor of the next page, null at the end. */
  next: string | null;
}

export type Session = Schemas['Session'];
export type Mode = Session['mode'];
export type FactorKind = Schemas['FactorKind'];
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

export type RecipientCertificate = Schemas['RecipientCertificate'];
export type TrustAnchor = Schemas['TrustAnchor'];
export type CertificateStanding = Schemas['CertificateStanding'];
export type CertificateDirectory = Schemas['CertificateDirectory'];
export type CertificateDirectorySettings = Schemas['CertificateDirectorySettingsInput'];
export type CertificateDirectoryTest = Schemas['CertificateDirectoryTest'];
export type SmimeSettings = Schemas['SmimeSettings'];
export type SmimeSettingsInput = Schemas['SmimeSettingsInput'];
export type Waiver = Schemas['Waiver'];
export type PdfPassword = Schemas['PdfPassword'];
export type PdfPasswordSet = Schemas['PdfPasswordSet'];

export type Permission = Schemas['Permission'];
export type ApiKey = Schemas['ApiKey'];
export type IssuedApiKey = Schemas['IssuedApiKey'];
export type RecipientKey = Schemas['RecipientKey'];
export type Organisation = Schemas['Organisation'];
export type Role = Schemas['RoleInput'];
export type Member = Schemas['Member'];
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
