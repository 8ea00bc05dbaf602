import { z } from 'zod';
import type { Address } from '#core/address';
import type { Vouched } from '#platform/federation';
import { parseAddress } from '#platform/mail';
import type { Factor } from '../factors.ts';

/** How an organisation reads who somebody is out of what its patient portal says. */
export const delegationRulesSchema = z
  .strictObject({
    claim: z.string().trim().min(1).max(200).describe('The claim that says who it is'),
    names: z
      .enum(['address', 'account'])
      .describe(
        'What it holds: the address that messages go to, or an id of the patient’s account that you have told us the address of',
      ),
    verified: z.boolean().describe('Whether `email_verified` must be true; for `address`'),
    strong: z
      .array(z.string().regex(/^[\w:./-]{1,100}$/))
      .max(10)
      .describe(
        'Values of `acr` or `amr` that mean two factors at your portal: one of them opens the high class alone',
      ),
  })
  .meta({ id: 'PortalDelegationRules' });

export type DelegationRules = z.output<typeof delegationRulesSchema>;

/** What a provider's answer comes to under these rules. */
export type Claimed =
  | { readonly kind: 'address'; readonly address: Address }
  | { readonly kind: 'account'; readonly account: string }
  | { readonly kind: 'refused'; readonly reason: 'no-claim' | 'address-unverified' };

/** Whom the provider names. A claim with several values names nobody: which one would be meant? */
export function claimedBy({ claims }: Pick<Vouched, 'claims'>, rules: DelegationRules): Claimed {
  const [value, ...more] = claims.get(rules.claim) ?? [];
  const text = value?.trim() ?? '';
  if (text === '' || text.length > 320 || more.length > 0) return { kind: 'refused', reason: 'no-claim' };
  if (rules.names === 'account') return { kind: 'account', account: text };
  const address = parseAddress(text);
  if (address === null) return { kind: 'refused', reason: 'no-claim' };
  const verified = claims.get('email_verified');
  if (rules.verified && (verified?.length !== 1 || verified[0] !== 'true'))
    return { kind: 'refused', reason: 'address-unverified' };
  return { kind: 'address', address };
}

/** What such a sign-in proves: two factors only by the values that the organisation has named, else one. */
export function factorBy({ methods }: Pick<Vouched, 'methods'>, { strong }: DelegationRules): Factor {
  return methods.some((method) => strong.includes(method))
    ? 'organisation-portal-strong'
    : 'organisation-portal';
}
