import type { Route } from '#platform/http';
import { type AnalyserPorts, analyserRoutes } from '#products/analyser';
import { type CertificatePorts, certificateRoutes } from '#products/certificates';
import { type AuditRoutePorts, auditRoutes } from '#products/compliance';
import { type KeyRoutePorts, keyRoutes } from '#products/keys';
import { type MessagePorts, messageRoutes } from '#products/messages';
import { type OrganisationPorts, organisationRoutes } from '#products/organisations';
import { type PdfPasswordRoutePorts, pdfPasswordRoutes } from '#products/pdf-passwords';
import { type PolicyRoutePorts, policyRoutes } from '#products/policies';
import { type CaregiverRoutePorts, caregiverRoutes } from '#products/portal';
import { type SandboxMailPorts, sandboxMailRoutes } from '#products/sandbox-mail';
import { type WaiverRoutePorts, waiverRoutes } from '#products/waivers';

/** What the API's products need, each its own. */
export interface ApiPorts {
  readonly messages: MessagePorts;
  readonly policies: PolicyRoutePorts;
  readonly keys: KeyRoutePorts;
  readonly pdfPasswords: PdfPasswordRoutePorts;
  readonly waivers: WaiverRoutePorts;
  readonly caregivers: CaregiverRoutePorts;
  readonly audit: AuditRoutePorts;
  readonly sandboxMail: SandboxMailPorts;
  readonly organisations: OrganisationPorts;
  readonly analyser: AnalyserPorts;
  readonly certificates: CertificatePorts;
}

/** Every route of the API, in the order of the document. */
export function allRoutes(ports: ApiPorts): Route[] {
  return [
    ...organisationRoutes(ports.organisations),
    ...messageRoutes(ports.messages),
    ...policyRoutes(ports.policies),
    ...keyRoutes(ports.keys),
    ...certificateRoutes(ports.certificates),
    ...pdfPasswordRoutes(ports.pdfPasswords),
    ...waiverRoutes(ports.waivers),
    ...caregiverRoutes(ports.caregivers),
    ...auditRoutes(ports.audit),
    ...analyserRoutes(ports.analyser),
    ...sandboxMailRoutes(ports.sandboxMail),
  ];
}
