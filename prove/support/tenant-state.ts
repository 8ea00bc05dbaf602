import { createHash } from 'node:crypto';
import { fromSomewhere } from './tenant-doors.ts';
import type { Tenant } from './tenants.ts';
import { WebClient } from './web-client.ts';

/** What is compared to see that nothing of an organisation was changed: a digest of what it sees of itself. */
export async function stateOf(apiUrl: string, tenant: Tenant): Promise<string> {
  const api = new WebClient(apiUrl, { authorization: `Bearer ${tenant.apiKey}` });
  const digest = createHash('sha256');
  const { ids } = tenant;
  const paths = [
    `/v1/messages/${ids.message}`,
    `/v1/messages/${ids['waiting message']}`,
    '/v1/messages',
    '/v1/policy/versions',
    '/v1/pdf-passwords',
    '/v1/waivers',
    '/v1/recipients',
    '/v1/policy/drafts',
    '/v1/policy/settings',
    '/v1/policy/proposals',
    '/v1/members',
    '/v1/api-keys',
    '/v1/organisation',
    '/v1/organisation/domains',
    '/v1/service-accounts',
    '/v1/roles',
    `/v1/groups/${ids.group}/members`,
    '/v1/caregivers',
    '/v1/openpgp-keys',
    '/v1/sso-connections',
    '/v1/provisioning/connections',
    '/v1/provisioning/mappings',
    `/v1/incidents/${ids.incident}`,
    '/v1/alert-channels',
  ];
  for (const path of paths) {
    const answer = await api.ask('GET', path, { headers: fromSomewhere() });
    if (answer.status !== 200) throw new Error(`GET ${path} was answered ${answer.status}`);
    // When a key was last used changes by looking.
    digest.update(`${path} ${answer.status} ${answer.text.replace(/"lastUsedAt":(?:null|"[^"]*")/g, '')}`);
  }
  return digest.digest('hex');
}
