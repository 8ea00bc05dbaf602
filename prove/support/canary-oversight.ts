import { type Drive, expectStatus } from './canary-drive.ts';
import type { WebAnswer } from './web-client.ts';

/**
 * What staff write while they oversee: incidents, alert rules and channels, searches of the log and reports filed beside
 * it, care relationships, and the directory that people come from with its password.
 */
export async function oversee(drive: Drive): Promise<void> {
  const { words, console: browser, csrf } = drive;
  const ask = async (
    method: string,
    path: string,
    wanted: number,
    body?: object | Buffer,
  ): Promise<WebAnswer> => {
    const type = Buffer.isBuffer(body) ? { 'content-type': 'application/octet-stream' } : {};
    const headers = { 'x-sealpost-csrf': csrf, ...type };
    const answer = await browser.ask(method, path, { headers, ...(body === undefined ? {} : { body }) });
    return expectStatus(drive, `${method} ${path}`, answer, wanted);
  };
  await watch(drive, ask);
  await keepRecords(drive, ask);
  await ask('POST', '/v1/provisioning/connections', 201, {
    ...{ name: words.word('directory: name'), host: `${words.word('directory: host')}.invalid`, port: 636 },
    ...{ security: 'ldaps', authorities: '', enabled: false, groups: null },
    ...{ bindDn: `cn=${words.word('directory: bind name')}`, password: words.word('directory: password') },
    people: {
      base: `dc=${words.word('directory: base')}`,
      filter: `(ou=${words.word('directory: filter')})`,
      attributes: {
        ...{ id: 'entryUUID', userName: 'mail', displayName: 'cn', givenName: 'givenName' },
        ...{ familyName: 'sn', phone: null, disabled: 'none' },
      },
    },
  });
  for (const path of [
    ...['/v1/incidents', '/v1/alert-rules', '/v1/alert-channels', '/v1/audit-filters', '/v1/audit-evidence'],
    '/v1/provisioning/connections',
  ])
    await ask('GET', path, 200);
}

type Ask = (method: string, path: string, wanted: number, body?: object | Buffer) => Promise<WebAnswer>;

async function watch({ words, secrets }: Drive, ask: Ask): Promise<void> {
  const channel = await ask('POST', '/v1/alert-channels', 201, {
    to: {
      kind: 'webhook',
      label: words.word('alert channel: label'),
      url: `https://${words.word('alert channel: host')}.invalid/${words.word('alert channel: path')}`,
    },
    least: 'low',
  });
  if (channel.status === 201) secrets.push(channel.json<{ secret: string }>().secret);
  const incident = await ask('POST', '/v1/incidents', 201, {
    title: words.word('incident: title'),
    severity: 'high',
    note: words.word('incident: first note'),
  });
  if (incident.status === 201) {
    const acts = `/v1/incidents/${incident.json<{ id: string }>().id}/acts`;
    await ask('POST', acts, 200, { act: 'note', note: words.word('incident: note') });
  }
  await ask('POST', '/v1/alert-rules', 201, {
    name: words.word('alert rule: name'),
    severity: 'low',
    definition: {
      match: { actions: ['session.started'] },
      by: 'account',
      detector: { kind: 'count', measure: { of: 'entries' }, threshold: 3, windowSeconds: 600 },
    },
  });
}

async function keepRecords({ words }: Drive, ask: Ask): Promise<void> {
  await ask('POST', '/v1/audit-filters', 201, {
    name: words.word('audit filter: name'),
    wanted: {
      person: words.word('audit filter: person'),
      recipient: `${words.word('audit filter: recipient')}@good-tls.test`,
    },
  });
  await ask('POST', '/v1/audit/search', 200, {
    wanted: { recipient: `${words.word('audit search: recipient')}@good-tls.test` },
  });
  const evidence = await ask('POST', '/v1/audit-evidence', 201, {
    source: words.word('evidence: source'),
    note: words.word('evidence: note'),
    fileName: `${words.word('evidence: file name')}.txt`,
    ...{ periodFrom: '2026-01-01', periodUntil: '2026-01-31' },
  });
  if (evidence.status === 201) {
    const { id } = evidence.json<{ id: string }>();
    const content = Buffer.from(`${words.word('evidence: content')}\n`.repeat(5_000));
    await ask('PUT', `/v1/audit-evidence/${id}/file`, 200, content);
  }
  const me = await ask('GET', '/v1/session', 200);
  await ask('POST', '/v1/care-relationships', 201, {
    subject: { kind: 'identity', id: me.json<{ identity: { id: string } }>().identity.id },
    address: `${words.word('care relationship: patient')}@good-tls.test`,
    since: '2026-01-01T00:00:00Z',
  });
}
