import type { Route } from '#platform/http';
import { anchorRoutes } from './anchor-routes.ts';
import { directoryRoutes } from './directory-routes.ts';
import { identityRoutes } from './identity-routes.ts';
import type { CertificatePorts } from './ports.ts';
import { recipientRoutes } from './recipient-routes.ts';

/** Everything about certificates for S/MIME. */
export function certificateRoutes(ports: CertificatePorts): Route[] {
  return [
    ...recipientRoutes(ports),
    ...anchorRoutes(ports),
    ...identityRoutes(ports),
    ...directoryRoutes(ports),
  ];
}
