// Product: what people sign in with. In: HTTP requests of a signed-in person about their own factors and passphrase, and of
// administrators about what the organisation demands; out: use cases of platform/access, in one transaction each with its audit entry
// and the mail that tells the person. Owns no table.
import type { Route } from '#platform/http';
import { certificateRoutes } from './certificate-routes.ts';
import { factorRoutes } from './factor-routes.ts';
import { passphraseRoutes } from './passphrase-routes.ts';
import type { AccountPorts } from './ports.ts';
import { signInRuleRoutes } from './sign-in-rule-routes.ts';
import { telephoneRoutes } from './telephone-routes.ts';

export type { AccountPorts } from './ports.ts';

/** Every route of this product. */
export function accountRoutes(needs: AccountPorts): Route[] {
  return [
    ...factorRoutes(needs),
    ...certificateRoutes(needs),
    ...telephoneRoutes(needs),
    ...passphraseRoutes(needs),
    ...signInRuleRoutes(needs),
  ];
}
