import type { InjectedRequest } from '#platform/http';
import { API_TABLE } from '../../../prove/support/isolation-table.ts';
import { fromSomewhere } from '../../../prove/support/tenant-doors.ts';
import type { Tenant } from '../../../prove/support/tenants.ts';
import { makeCertificate } from '../../../src/platform/keyring/certificates/certificate-fixture.ts';
import type { Operation } from './access-table.ts';

/** What requests are made of: the asker's organisation, people of it, and what earlier requests were answered. */
export interface Given {
  readonly self: Tenant;
  readonly administrator: string;
  /** Somebody with a session that may be ended. */
  readonly colleague: string;
  /** By `METHOD /path`. */
  readonly answers: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

type Own = (given: Given) => Omit<InjectedRequest, 'method' | 'path' | 'headers'> & {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

const GATEWAY = { baseUrl: 'https://texts.invalid', account: 'x', token: 'x', sender: '12345', perDay: 10 };
const intoGroup: Own = ({ answers, colleague }) => ({
  path: `/v1/groups/${String(answers.get('POST /v1/groups')?.['id'])}/members/${colleague}`,
});
const tomorrow = (): string => new Date(Date.now() + 86_400_000).toISOString();

/** Where the isolation table's request is one that is refused: it needs no more for its own purpose. */
const OWN: Readonly<Record<string, Own>> = {
  'POST /v1/access-reviews': ({ administrator }) => ({
    body: { name: 'All', audience: 'people', reviewers: [administrator], dueAt: tomorrow() },
  }),
  'POST /v1/alert-channels': ({ administrator }) => ({
    body: { to: { kind: 'mail', label: 'x', people: [administrator] } },
  }),
  'POST /v1/audit/search/open': ({ answers }) => ({
    body: { query: answers.get('POST /v1/audit/search')?.['query'] },
  }),
  'GET /v1/audit/{id}/reference': ({ answers }) => {
    const { items } = answers.get('GET /v1/audit') as {
      readonly items: readonly { readonly id: string; readonly hasReference: boolean }[];
    };
    return { path: `/v1/audit/${items.find((one) => one.hasReference)?.id}/reference` };
  },
  'POST /v1/break-glass/{id}/end': ({ self }) => ({
    path: `/v1/break-glass/${self.ids['emergency access']}/end`,
  }),
  'POST /v1/break-glass/{id}/review': ({ self }) => ({
    path: `/v1/break-glass/${self.ids['emergency access']}/review`,
  }),
  'POST /v1/certificates': () => ({
    body: {
      address: 'walk@smime.test',
      certificate: makeCertificate({ name: 'Walk', emails: ['walk@smime.test'] }).pem,
    },
  }),
  'POST /v1/trust-anchors': () => ({
    body: { certificate: makeCertificate({ name: 'Walked', emails: ['walked@smime.test'] }).pem },
  }),
  'POST /v1/certificate-directories': () => ({
    body: {
      ...{ host: 'ldap.invalid', port: 636, security: 'ldaps', authorities: '' },
      ...{ baseDn: 'dc=clinic', bindDn: null },
    },
  }),
  'POST /v1/messages/raw': ({ self }) => ({
    headers: {
      'content-type': 'message/rfc822',
      'x-sealpost-from': `dr@${self.domain}`,
      'x-sealpost-to': 'anna@good-tls.test',
    },
    body: `From: dr@${self.domain}\r\nTo: anna@good-tls.test\r\nSubject: x\r\nDate: Fri, 27 Nov 2026 10:00:00 +0000\r\nMessage-ID: <walk@${self.domain}>\r\n\r\nx\r\n`,
  }),
  'POST /v1/organisation/domains': () => ({ body: { name: 'walk.test' } }),
  'POST /v1/organisations': () => ({
    body: {
      ...{ name: 'Third', slug: 'third', domain: 'third.test' },
      administrator: { address: 'admin@third.test', displayName: 'Third' },
    },
  }),
  'POST /v1/pdf-passwords': () => ({ body: { address: 'walk@good-tls.test' } }),
  'DELETE /v1/sessions/{id}': ({ answers }) => {
    const { items } = answers.get('GET /v1/sessions') as {
      readonly items: readonly { readonly id: string; readonly current: boolean }[];
    };
    return { path: `/v1/sessions/${items.find((one) => !one.current)?.id}` };
  },
  'PUT /v1/groups/{id}/members/{identity}': intoGroup,
  'DELETE /v1/groups/{id}/members/{identity}': intoGroup,
  'DELETE /v1/members/{id}/sessions': ({ colleague }) => ({ path: `/v1/members/${colleague}/sessions` }),
  // Before anything else of policies, so that the version is the one that was read.
  'PUT /v1/policy': ({ answers }) => {
    const { version, createdAt, createdBy, offered, ...policy } = answers.get('GET /v1/policy') ?? {};
    void [createdAt, createdBy, offered];
    return { headers: { 'if-match': `"${String(version)}"` }, body: { ...policy, giveUpDays: 3 } };
  },
  // Furnishing has turned four eyes on, so that this walk's own change of the policy waits.
  'POST /v1/policy/proposals/{id}/withdraw': ({ answers }) => ({
    path: `/v1/policy/proposals/${String(answers.get('PUT /v1/policy')?.['proposal'])}/withdraw`,
  }),
  'PUT /v1/session-settings': ({ answers }) => ({ body: { ...answers.get('GET /v1/session-settings') } }),
  'PUT /v1/text-channel/gateway': () => ({ body: GATEWAY }),
  'PUT /v1/installation/text-gateway': () => ({ body: GATEWAY }),
};

const ID = /\/\{id\}/;

/** The operation's requests for what is the asker's own, the likeliest first. */
export function requestsOf(operation: Operation, given: Given): InjectedRequest[] {
  const { method, path } = operation;
  const { self, answers } = given;
  const route = `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`;
  const tries = API_TABLE[route]?.({ self, victim: self });
  if (tries === undefined) throw new Error(`${route} has no requests in prove/support/isolation-table.ts`);
  const own = OWN[`${method} ${path}`]?.(given);
  const requests = tries.map((one) => ({
    method,
    path: one.path,
    ...(one.body instanceof URLSearchParams
      ? { body: one.body.toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' } }
      : { ...(one.body === undefined ? {} : { body: one.body }), headers: { ...one.headers } }),
  }));
  const [first] = requests;
  if (first === undefined) throw new Error(`${route} has no request`);
  // What this walk made is there for it to change and to remove.
  const answered = answers.get(`POST ${path.split(ID)[0]}`);
  const made = answered?.['id'] ?? (answered?.['channel'] as { readonly id?: string } | undefined)?.id;
  const plain =
    ID.test(path) && typeof made === 'string' ? [{ ...first, path: path.replace('{id}', made) }] : [];
  return [...(own === undefined ? [] : [{ ...first, ...own }]), ...plain, ...requests].map((request) => ({
    ...request,
    headers: { ...fromSomewhere(), ...request.headers },
  }));
}
