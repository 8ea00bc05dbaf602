import type { Route } from '#platform/http';
import { type AccountPorts, accountRoutes } from '#products/account';
import { type AnalyserPorts, analyserRoutes } from '#products/analyser';
import { type CertificatePorts, certificateRoutes } from '#products/certificates';
import { type AuditRoutePorts, auditRoutes } from '#products/compliance';
import { type InboundRoutePorts, inboundRoutes } from '#products/inbound';
import { type KeyRoutePorts, keyRoutes } from '#products/keys';
import { type MessagePorts, messageRoutes } from '#products/messages';
import { type MonitoringRoutePorts, monitoringRoutes } from '#products/monitoring';
import { type OrganisationPorts, organisationRoutes } from '#products/organisations';
import {
  type PdfPasswordRoutePorts,
  type PdfSettingsRoutePorts,
  pdfPasswordRoutes,
  pdfSettingsRoutes,
} from '#products/pdf-passwords';
import { type PolicyRoutePorts, policyRoutes } from '#products/policies';
import {
  type CaregiverRoutePorts,
  caregiverRoutes,
  type DelegationRoutePorts,
  delegationRoutes,
} from '#products/portal';
import { type ProvisioningRoutePorts, provisioningRoutes } from '#products/provisioning';
import { type RecipientRoutePorts, recipientRoutes } from '#products/recipients';
import { type RolePorts, rolesRoutes } from '#products/roles';
import { type SafeguardPorts, safeguardRoutes } from '#products/safeguards';
import { type SandboxMailPorts, sandboxMailRoutes } from '#products/sandbox-mail';
import { type SecurityScoreRoutePorts, securityScoreRoutes } from '#products/security-score';
import { type SignOnNeeds, signOnRoutes } from '#products/single-sign-on';
import { type TextRoutePorts, textRoutes } from '#products/texts';
import { type WaiverRoutePorts, waiverRoutes } from '#products/waivers';

/** What the API's products need, each its own. */
export interface ApiPorts {
  readonly messages: MessagePorts;
  readonly policies: PolicyRoutePorts;
  readonly keys: KeyRoutePorts;
  readonly pdfPasswords: PdfPasswordRoutePorts;
  readonly pdfSettings: PdfSettingsRoutePorts;
  readonly waivers: WaiverRoutePorts;
  readonly recipients: RecipientRoutePorts;
  readonly texts: TextRoutePorts;
  readonly caregivers: CaregiverRoutePorts;
  readonly audit: AuditRoutePorts;
  readonly sandboxMail: SandboxMailPorts;
  readonly organisations: OrganisationPorts;
  readonly portalDelegation: DelegationRoutePorts;
  readonly account: AccountPorts;
  readonly analyser: AnalyserPorts;
  readonly certificates: CertificatePorts;
  readonly inbound: InboundRoutePorts;
  readonly roles: RolePorts;
  readonly provisioning: ProvisioningRoutePorts;
  readonly signOn: SignOnNeeds;
  readonly safeguards: SafeguardPorts;
  readonly monitoring: MonitoringRoutePorts;
  readonly securityScore: SecurityScoreRoutePorts;
}

/** Every route of the API, in the order of the document. */
export function allRoutes(ports: ApiPorts): Route[] {
  return [
    ...organisationRoutes(ports.organisations),
    ...rolesRoutes(ports.roles),
    ...accountRoutes(ports.account),
    ...signOnRoutes(ports.signOn),
    ...messageRoutes(ports.messages),
    ...policyRoutes(ports.policies),
    ...keyRoutes(ports.keys),
    ...certificateRoutes(ports.certificates),
    ...pdfPasswordRoutes(ports.pdfPasswords),
    ...pdfSettingsRoutes(ports.pdfSettings),
    ...waiverRoutes(ports.waivers),
    ...recipientRoutes(ports.recipients),
    ...textRoutes(ports.texts),
    ...inboundRoutes(ports.inbound),
    ...delegationRoutes(ports.portalDelegation),
    ...caregiverRoutes(ports.caregivers),
    ...auditRoutes(ports.audit),
    ...monitoringRoutes(ports.monitoring),
    ...securityScoreRoutes(ports.securityScore),
    ...analyserRoutes(ports.analyser),
    ...safeguardRoutes(ports.safeguards),
    ...sandboxMailRoutes(ports.sandboxMail),
    ...provisioningRoutes(ports.provisioning),
  ];
}
