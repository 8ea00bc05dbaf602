import { type Config, loadConfig } from '#platform/runtime';

/** Every port free, loopback trusted as a proxy so that each request can come from an address of its own. */
export function isolationConfig(home: string): Config {
  return loadConfig(
    {},
    {
      SEALPOST_HOME: home,
      SEALPOST_ROLES: 'api,worker',
      SEALPOST_HTTP_PORT: '0',
      SEALPOST_PORTAL_PORT: '0',
      SEALPOST_TRUSTED_PROXIES: '127.0.0.1',
    },
  );
}
