// Product: organisations and the people in them: set-up, sign-in, sessions, API keys, members, the installation. In: HTTP
// requests; out: use cases of platform/access in one transaction each. Owns no table; upward needs come in as OrganisationPorts.
import type { Route } from '#platform/http';
import { accessRuleRoutes } from './access-rule-routes.ts';
import { apiKeyRoutes } from './api-key-routes.ts';
import { installationRoutes } from './installation-routes.ts';
import { memberRoutes } from './member-routes.ts';
import { oauthClientRoutes } from './oauth-client-routes.ts';
import { oauthRoutes } from './oauth-routes.ts';
import { ownOrganisationRoutes } from './organisation-routes.ts';
import { passkeySignInRoutes } from './passkey-sign-in-routes.ts';
import { portalSignInRoutes } from './portal-sign-in-routes.ts';
import type { OrganisationPorts } from './ports.ts';
import { recoveryRoutes } from './recovery-routes.ts';
import { serviceAccountRoutes } from './service-account-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { sessionRuleRoutes } from './session-rule-routes.ts';
import { setUpRoutes } from './set-up-routes.ts';
import { signInRoutes } from './sign-in-routes.ts';
import { stepUpRoutes } from './step-up-routes.ts';

export {
  type Bootstrapped,
  type BootstrapRequest,
  bootstrapOrganisation,
  ORGANISATION_PERMISSIONS,
} from './bootstrap.ts';
export type { DomainRecord, OrganisationPorts } from './ports.ts';
export { totpPicture } from './totp-picture.ts';

/** Every route of this product. */
export function organisationRoutes(needs: OrganisationPorts): Route[] {
  return [
    ...setUpRoutes(needs),
    ...signInRoutes(needs),
    ...passkeySignInRoutes(needs),
    ...recoveryRoutes(needs),
    ...sessionRoutes(needs),
    ...stepUpRoutes(needs),
    ...sessionRuleRoutes(needs),
    ...accessRuleRoutes(needs),
    ...apiKeyRoutes(needs),
    ...serviceAccountRoutes(needs),
    ...oauthClientRoutes(needs),
    ...oauthRoutes(needs),
    ...memberRoutes(needs),
    ...ownOrganisationRoutes(needs),
    ...portalSignInRoutes(needs),
    ...installationRoutes(needs),
  ];
}
