import { createServer } from 'node:https';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { SandboxAuthority } from './certificates.ts';

export interface PolicyHosts {
  readonly port: number;
  /** Requests answered, as host names. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

/**
 * One loopback web server for all of the sandbox's `mta-sts.` hosts, each with a certificate of its own name.
 * `policies` holds the documents by domain.
 */
export async function startPolicyHosts(
  authority: SandboxAuthority,
  policies: ReadonlyMap<string, string>,
): Promise<PolicyHosts> {
  const contexts = new Map<string, SecureContext>();
  for (const domain of policies.keys()) {
    const host = `mta-sts.${domain}`;
    contexts.set(host, createSecureContext(await authority.issue(host)));
  }
  const asked: string[] = [];
  const server = createServer(
    { SNICallback: (name, done) => done(null, contexts.get(name)) },
    (request, response) => {
      const host = (request.headers.host ?? '').replace(/:\d+$/, '');
      if (asked.length < 10_000) asked.push(host);
      const found = policies.get(host.replace(/^mta-sts\./, ''));
      if (found === undefined || request.url !== '/.well-known/mta-sts.txt') {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, { 'content-type': 'text/plain' }).end(found);
    },
  );
  server.on('tlsClientError', () => undefined); // a client that does not trust us hangs up
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
