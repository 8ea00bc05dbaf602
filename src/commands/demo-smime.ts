import type { ApiCaller } from './demo-api.ts';

const READER = 'erika@smime.test';
const TIMEOUT_MS = 20_000;

interface Policy {
  readonly version: number;
  readonly domains: readonly unknown[];
}
interface Delivery {
  readonly state: string;
  readonly method: string | null;
}
interface Mail {
  readonly subject: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly opened: { readonly integrity: string; readonly encrypted: boolean } | null;
}

/** S/MIME in the demo: a rule for one domain, one message, and what its reader sees. True when she could read it. */
export async function showSmime(api: ApiCaller, say: (text: string) => void): Promise<boolean> {
  say(`5. A rule says S/MIME for smime.test; a message to ${READER}, whose server nobody can verify:`);
  await addRule(api);
  const { id } = await api.post<{ id: string }>('/v1/messages', {
    to: [READER],
    subject: 'About your iron',
    text: 'Ferritin 14: please call us.\n',
  });
  const delivery = await followed(api, id);
  say(`     ${READER.padEnd(24)} ${delivery?.state ?? 'lost'}  ${delivery?.method ?? ''}`);
  if (delivery?.method !== 'smime' || delivery.state !== 'delivered') return false;
  const box = `/v1/sandbox/mailboxes/${READER}/messages`;
  const { items } = await api.get<{ items: { id: string }[] }>(box);
  const mail = await api.get<Mail>(`${box}/${items[0]?.id ?? ''}`);
  const outside = mail.headers.find(({ name }) => name.toLowerCase() === 'subject')?.value ?? '';
  say(
    `     on the way "${outside}", in her mail program "${mail.subject}" (${mail.opened?.integrity ?? 'clear'})`,
  );
  return mail.opened?.encrypted === true && mail.subject === 'About your iron' && outside === '[...]';
}

async function addRule(api: ApiCaller): Promise<void> {
  const policy = await api.get<Policy & Record<string, unknown>>('/v1/policy');
  const { version, createdAt: _at, createdBy: _by, offered: _offered, ...document } = policy;
  const rule = { domain: 'smime.test', methods: ['smime', 'portal'], tls: null, exclusive: null };
  await api.put(
    '/v1/policy',
    { ...document, domains: [...policy.domains, rule] },
    { 'if-match': `"${version}"` },
  );
}

/** The delivery once it has ended, or as it is when the time is over. */
async function followed(api: ApiCaller, id: string): Promise<Delivery | undefined> {
  const until = Date.now() + TIMEOUT_MS;
  for (;;) {
    const { deliveries } = await api.get<{ deliveries: Delivery[] }>(`/v1/messages/${id}`);
    const [one] = deliveries;
    const open = one?.state === 'queued' || one?.state === 'deferred';
    if (!open || Date.now() > until) return one;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
