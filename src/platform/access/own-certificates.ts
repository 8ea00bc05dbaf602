import type { ClientCertificate } from '#core/client-certificate';
import { Refusal } from '#core/errors';
import { newId } from '#platform/runtime';
import type { Account, Owner } from './account.ts';
import { revocationOf } from './certificate-demands.ts';
import { recordOwnChange } from './change-own-factors.ts';
import { findCertificate, insertFactor, lockFactors } from './factor.store.ts';
import { demandOn } from './require-factors.ts';
import type { SignInPorts } from './sign-in-parts.ts';

/**
 * Why a certificate cannot be made a factor: the organisation does not count any, the browser shows none, or it stands under no
 * authority that the operator named, or is out of its time; it was revoked, or nobody answers whether it was, which the operator
 * wants to know.
 */
export const CERTIFICATE_FAULTS = [
  'not-allowed',
  'none-shown',
  'not-trusted',
  'revoked',
  'unanswered',
] as const;
export type CertificateFault = (typeof CERTIFICATE_FAULTS)[number];

/** Client certificates and smart cards as a person's own factor. */
export function ownCertificates(ports: SignInPorts): Pick<Account, 'certificate' | 'addCertificate'> {
  const { database, clock } = ports;

  async function faultOf(
    { caller, identity }: Owner,
    shown: ClientCertificate | null,
  ): Promise<CertificateFault | null> {
    const { organisation } = caller;
    const demand = await database.tenant([organisation], 'app', (tx) =>
      demandOn(ports, tx, organisation, identity),
    );
    if (demand === undefined || demand.rule.certificate === 'off') return 'not-allowed';
    if (shown === null) return 'none-shown';
    if (!shown.trusted) return 'not-trusted';
    const standing = await revocationOf(ports, shown);
    return standing === 'stands' ? null : standing;
  }

  return {
    async certificate(owner, certificate) {
      const fault = await faultOf(owner, certificate);
      if (certificate === null) return { shown: null, fault };
      const { subject, issuer, names, notAfter: expiresAt } = certificate;
      return { shown: { subject, issuer, names, expiresAt }, fault };
    },

    async addCertificate(owner, certificate, label) {
      const { caller, identity } = owner;
      const fault = await faultOf(owner, certificate);
      if (fault !== null || certificate === null) {
        throw new Refusal('wrong-state', { reason: `certificate-${fault}` });
      }
      // The public key and not the names: an authority may give the same names to somebody else, a key it cannot give twice. A
      // card that is renewed with its key stays the same factor.
      const certificateKey = Buffer.from(certificate.spki, 'base64url');
      const factor = newId(clock);
      await database.tenant([caller.organisation], 'app', async (tx) => {
        await lockFactors(tx, identity);
        if ((await findCertificate(tx, certificateKey)) !== undefined) throw new Refusal('already-exists');
        const expiresAt = certificate.notAfter;
        await insertFactor(tx, {
          id: factor,
          identity,
          kind: 'certificate',
          label,
          certificateKey,
          expiresAt,
        });
        const details = { kind: 'certificate', key: certificate.spki, expiresAt: expiresAt.toISOString() };
        await recordOwnChange(ports, tx, owner, {
          ...{ action: 'factor.added', change: 'factor-added', factor, details },
        });
      });
    },
  };
}
