import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, silentLogger } from '#platform/runtime';
import { type ApiCaller, apiCaller } from './demo-api.ts';
import { startDemo } from './demo-installation.ts';
import { showSmime } from './demo-smime.ts';

const TIMEOUT_MS = 90_000;

/** The recipients of the main job and how each must end. */
const EXPECTED = [
  { to: 'anna@good-tls.test', what: 'a server with good TLS', method: 'tls', outcome: 'delivered' },
  { to: 'ben@no-tls.test', what: 'a server without STARTTLS', method: 'portal', outcome: 'portal-waiting' },
  {
    to: 'carla@wrong-cert.test',
    what: 'a certificate for another name',
    method: 'portal',
    outcome: 'portal-waiting',
  },
  { to: 'dan@slow.test', what: 'a server that answers 451 twice', method: 'tls', outcome: 'delivered' },
  { to: 'nobody@good-tls.test', what: 'a recipient that does not exist', method: 'tls', outcome: 'bounced' },
  { to: 'paula@pgp.test', what: 'a domain that publishes OpenPGP keys', method: 'pgp', outcome: 'delivered' },
] as const;

interface Shown {
  readonly to: string;
  readonly state: string;
  readonly method: string | null;
  readonly attempts: readonly {
    readonly result: string;
    readonly code: string | null;
    readonly host: string | null;
    readonly tlsVersion: string | null;
    readonly cipher: string | null;
    readonly authenticatedBy: string;
  }[];
}

const say = (text: string) => process.stdout.write(`${text}\n`);

/** One real run of the main job, through the API of a temporary installation. 0 when every recipient ended as it should. */
export async function demo(): Promise<number> {
  const home = mkdtempSync(join(tmpdir(), 'sealpost-demo-'));
  const config = loadConfig(undefined, {
    SEALPOST_HOME: home,
    DATABASE_URL: undefined,
    SEALPOST_ROLES: 'api,smtp,worker',
    SEALPOST_HTTP_PORT: '0',
    SEALPOST_PORTAL_PORT: '0',
    SEALPOST_SUBMISSION_PORT: '0',
    SEALPOST_SUBMISSIONS_PORT: '0',
  });
  say('1. Starting a temporary installation: PostgreSQL, keys, API, SMTP, worker, portal and the sandbox …');
  const installation = await startDemo(config, silentLogger);
  try {
    const api = apiCaller(installation.apiUrl, installation.apiKey);
    await preferPgp(api);
    const shown = await sendAndFollow(api);
    await showNotices(api);
    const sealed = await showSmime(api, say);
    const recipients = EXPECTED.map(({ to }) => {
      const one = shown.find((delivery) => delivery.to === to);
      return { to, method: one?.method ?? 'none', outcome: one?.state ?? 'not-delivered' };
    });
    const wrong = EXPECTED.filter(
      (wanted, index) =>
        recipients[index]?.method !== wanted.method || recipients[index]?.outcome !== wanted.outcome,
    );
    for (const one of wrong)
      say(`NOT AS EXPECTED: ${one.to} should have ended as ${one.outcome} by ${one.method}.`);
    say(JSON.stringify({ recipients }));
    return wrong.length === 0 && sealed ? 0 : 1;
  } finally {
    await installation.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/** A rule for one domain: OpenPGP first. The key is found when the message is delivered. */
async function preferPgp(api: ApiCaller): Promise<void> {
  const { version, createdAt, createdBy, offered, ...policy } = await api.get<
    Record<string, unknown> & { version: number }
  >('/v1/policy');
  const rule = { domain: 'pgp.test', methods: ['pgp', 'portal'], tls: null, exclusive: null };
  await api.put('/v1/policy', { ...policy, domains: [rule] }, { 'if-match': `"${version}"` });
  say(`   Policy version ${version + 1}: OpenPGP first for pgp.test, TLS first for all others`);
}

async function sendAndFollow(api: ApiCaller): Promise<readonly Shown[]> {
  say(`2. Sending one message with an attachment to ${EXPECTED.length} recipients (POST /v1/messages):`);
  for (const { to, what } of EXPECTED) say(`     ${to.padEnd(24)} ${what}`);
  const accepted = await api.post<{ id: string }>('/v1/messages', {
    to: EXPECTED.map((one) => one.to),
    subject: 'Your results',
    text: 'Dear patient,\n\nyour results are attached. All is well.\n\nThe clinic\n',
    attachments: [
      {
        name: 'results.txt',
        type: 'text/plain',
        content: Buffer.from('Haemoglobin 14.1 g/dL\n').toString('base64'),
      },
    ],
  });
  say(`   Accepted after a durable commit: message ${accepted.id}`);
  say('3. Following each recipient:');
  const told = new Map<string, string>();
  const until = Date.now() + TIMEOUT_MS;
  for (;;) {
    const { deliveries } = await api.get<{ deliveries: Shown[] }>(`/v1/messages/${accepted.id}`);
    for (const one of deliveries) {
      const line = lineOf(one);
      if (told.get(one.to) !== line) say(`     ${line}`);
      told.set(one.to, line);
    }
    const open = deliveries.filter((one) => one.state === 'queued' || one.state === 'deferred');
    if (open.length === 0 || Date.now() > until) return deliveries;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function lineOf(one: Shown): string {
  const last = one.attempts.at(-1);
  const path =
    last?.tlsVersion && last.result === 'delivered'
      ? `${last.tlsVersion}, ${last.cipher}, ${last.host} verified by ${last.authenticatedBy}`
      : '';
  const failed = one.attempts
    .filter((attempt) => attempt.result === 'protection-unavailable')
    .map((attempt) => `TLS not possible: ${attempt.code}`);
  return [`${one.to.padEnd(24)} ${one.state.padEnd(15)} ${one.method ?? ''}`.trimEnd(), ...failed, path]
    .filter((part) => part !== '')
    .join('  ·  ');
}

async function showNotices(api: ApiCaller): Promise<void> {
  say('4. What reached the sandbox mailboxes:');
  // Notices travel the queue too: give them the moment they need.
  const until = Date.now() + 10_000;
  const wanted = [
    'ben@no-tls.test',
    'carla@wrong-cert.test',
    'dan@slow.test',
    'anna@good-tls.test',
    'paula@pgp.test',
  ];
  for (;;) {
    const { items } = await api.get<{ items: { address: string; messages: number }[] }>(
      '/v1/sandbox/mailboxes',
    );
    const all = wanted.every((address) => items.some((one) => one.address === address));
    if (!all && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    for (const { address } of items) {
      const box = await api.get<{ items: { id: string; subject: string; tlsVersion: string | null }[] }>(
        `/v1/sandbox/mailboxes/${encodeURIComponent(address)}/messages`,
      );
      for (const mail of box.items) {
        const path = mail.tlsVersion ?? 'in clear: holds no content';
        say(
          `     ${address.padEnd(24)} "${mail.subject}" (${path}${await decryptedBy(api, address, mail.id)})`,
        );
      }
    }
    return;
  }
}

/** What the recipient's own mail program says of a mail that came by OpenPGP. */
async function decryptedBy(api: ApiCaller, address: string, id: string): Promise<string> {
  const { opened } = await api.get<{ opened: { signature: string } | null }>(
    `/v1/sandbox/mailboxes/${encodeURIComponent(address)}/messages/${id}`,
  );
  return opened === null ? '' : `; OpenPGP, read with the recipient's key, signature ${opened.signature}`;
}
