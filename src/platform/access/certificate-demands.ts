import { type CertificateDemand, type ClientCertificate, meetsDemand } from '#core/client-certificate';
import type { ClientStanding } from '#platform/keyring';
import type { AccessPorts } from './ports.ts';

type RevocationPorts = Pick<AccessPorts, 'clientCertificates'>;

/** Whether a certificate has been taken back; it stands where nobody named authorities, because then none vouches for any. */
export async function revocationOf(
  { clientCertificates }: RevocationPorts,
  certificate: ClientCertificate,
): Promise<ClientStanding> {
  return clientCertificates === null ? 'stands' : clientCertificates.judge(certificate);
}

/**
 * Whether the connection's certificate is what a credential asks for and has not been taken back. A demand by public key is met by
 * any certificate of that key, also by one that nobody vouches for and so nobody takes back: that key is revoked here.
 */
export async function meetsDemands(
  ports: RevocationPorts,
  certificate: ClientCertificate | null,
  demands: readonly CertificateDemand[],
): Promise<boolean> {
  if (demands.length === 0) return true;
  if (certificate === null || !demands.every((demand) => meetsDemand(certificate, demand))) return false;
  return (await revocationOf(ports, certificate)) === 'stands';
}
