import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DeliveryId, MessageId, OrganisationId } from '#core/ids';
import type { Message } from '#core/message';
import { type AcceptedPart, ProtectionUnavailable } from '#core/protection';
import { buildMessage, readMessage } from '#platform/mail';
import type { PdfSending } from './pdf-sending.ts';
import { protectWithPdf } from './protect-with-pdf.ts';

const NOW = new Date('2026-11-26T10:00:00Z');
const PASSWORD = 'seven tall grey birds';
const RECIPIENT = { local: 'ottoline', domain: 'patient.example' };

const message: Message = {
  id: '018f0000-0000-7000-8000-000000000002' as MessageId,
  organisation: '018f0000-0000-7000-8000-000000000001' as OrganisationId,
  source: 'api',
  stream: 'transactional',
  class: 'light',
  priority: 50,
  acceptedAt: NOW,
  dueAt: NOW,
  giveUpAt: NOW,
  portalExpiresAt: NOW,
  policyVersion: 1,
  sender: { local: 'staff', domain: 'clinic.example' },
  subject: 'Biopsy of Ottoline',
  size: 5,
  messageId: '<a@clinic.example>',
  inReplyTo: null,
  state: 'accepted',
};

function inMemory(bytes: Buffer, size = bytes.length) {
  return {
    size,
    bytes,
    async *open() {
      yield bytes;
    },
  };
}

const inner = () =>
  buildMessage({
    from: { local: 'staff', domain: 'clinic.example', name: 'Hillside' },
    to: [{ ...RECIPIENT, name: 'Ottoline Heron' }],
    cc: [{ local: 'other', domain: 'clinic.example', name: null }],
    replyTo: [{ local: 'desk', domain: 'clinic.example', name: null }],
    subject: message.subject,
    text: 'The creatinine is 1.9.',
    attachments: [{ name: 'ottoline-crossmatch.txt', type: 'text/plain', content: Buffer.from('negative') }],
    headers: { 'X-Case': 'transplant' },
    date: NOW,
    hostName: 'clinic.example',
  }).toBuffer();

const DELIVERY = '018f0000-0000-7000-8000-000000000003' as DeliveryId;
const MB = 1024 * 1024;
const DECISION = {
  method: 'pdf',
  order: ['pdf'],
  tls: { minimum: '1.2', authentication: 'verified' },
  policyVersion: 1,
  reasons: [],
} as const;

/** What was kept of the copy, as the other room keeps it. */
function kept(over: Partial<PdfSending> = {}) {
  const state = {
    plan: over.plan ?? null,
    done: [...(over.done ?? [])],
    begun: 0,
  };
  const sending = (): PdfSending => ({
    channel: 'agreed',
    password: PASSWORD,
    passwordId: 'p',
    mostOctets: 20 * MB,
    settle: null,
    otherwise: null,
    ...over,
    plan: state.plan,
    done: [...state.done],
  });
  const sendings = {
    begin: async (): Promise<PdfSending | null> => {
      state.begun += 1;
      return sending();
    },
    divide: async (_copy: unknown, _sending: unknown, plan: PdfSending['plan']) => {
      state.plan = plan;
    },
    accepted: async (_organisation: unknown, _delivery: unknown, part: AcceptedPart) => {
      state.done.push(part);
    },
  };
  return { state, sendings };
}

const protector = (sendings: ReturnType<typeof kept>['sendings']) =>
  protectWithPdf({ sendings, hostName: 'clinic.example' });

function protect(bytes: Buffer, { sendings }: ReturnType<typeof kept> = kept(), size?: number) {
  const content = inMemory(bytes, size);
  return protector(sendings).protect({
    message,
    content,
    delivery: DELIVERY,
    recipient: RECIPIENT,
    decision: DECISION,
  });
}

// The PDF library takes its time to load; no single test is to wait for it.
beforeAll(async () => {
  await import('./message-pdf.ts');
}, 30_000);

describe('protected PDF', () => {
  it('puts all of the message into one sealed file under a neutral mail', async () => {
    const sealed = await protect(await inner());
    if (sealed.kind !== 'self-protected' || sealed.content.bytes === null) throw new Error('in memory');
    const outer = await readMessage(sealed.content.bytes);
    expect(outer).toMatchObject({
      from: { local: 'staff', domain: 'clinic.example', name: 'Hillside' },
      to: [{ ...RECIPIENT, name: null }],
      cc: [],
      replyTo: [{ local: 'desk', domain: 'clinic.example' }],
      messageId: '<a@clinic.example>',
      subject: 'A protected message / Un mensaje protegido',
    });
    expect(outer.text).toContain('by telephone or by letter');
    expect(outer.text).toContain('por teléfono o por carta');
    const [file, ...more] = outer.attachments;
    expect([file?.name, file?.type, more.length]).toEqual(['protected-message.pdf', 'application/pdf', 0]);
    const pdf = file?.open() ?? Buffer.alloc(0);
    expect(pdf.subarray(0, 8).toString('latin1')).toBe('%PDF-2.0');
    expect(pdf.includes('text#2Fplain')).toBe(false);
    for (const octets of [sealed.content.bytes, pdf]) {
      const utf16 = Buffer.from(octets.toString('latin1').replaceAll('\0', ''), 'latin1');
      for (const word of ['Biopsy', 'creatinine', 'crossmatch', 'Heron', 'transplant', PASSWORD]) {
        expect(octets.includes(word), word).toBe(false);
        expect(utf16.includes(word), word).toBe(false);
        const hex = Buffer.from(word, 'utf16le').swap16().toString('hex');
        expect(octets.toString('latin1').toLowerCase().includes(hex), `${word} as hex`).toBe(false);
      }
    }
  });

  it('is not available where no way brings the password, or where the message is too large', async () => {
    const none = { ...kept(), sendings: { ...kept().sendings, begin: async () => null } };
    const refused = await protect(await inner(), none).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ProtectionUnavailable);
    expect(refused).toMatchObject({ failure: { method: 'pdf', code: 'no-password-channel' } });
    const large = await protect(await inner(), kept(), 51 * MB).catch((error: unknown) => error);
    expect(large).toMatchObject({ failure: { method: 'pdf', code: 'message-too-large' } });
  });

  it('passes faults on: they are no reason to take another method', async () => {
    const broken = { ...kept().sendings, begin: () => Promise.reject(new Error('database')) };
    await expect(protect(await inner(), { ...kept(), sendings: broken })).rejects.toThrow('database');
  });

  it.each([
    ['agreed', /in person, by telephone or by letter/, /en persona, por teléfono o por carta/],
    ['text', /as a text message/, /en un mensaje de texto/],
    ['portal', /secure pages of the sender/, /páginas seguras del remitente/],
  ] as const)('says where the password is found: %s', async (channel, english, spanish) => {
    const sealed = await protect(await inner(), kept({ channel }));
    if (sealed.kind !== 'self-protected' || sealed.content.bytes === null) throw new Error('in memory');
    const { text } = await readMessage(sealed.content.bytes);
    expect(text).toMatch(english);
    expect(text).toMatch(spanish);
    expect(text).not.toMatch(/https?:|seven tall/);
    expect(sealed.further?.reasons).toEqual([{ code: 'password-by', parameters: { channel } }]);
  });
});

describe('a protected PDF too large for one mail', () => {
  const files = Array.from({ length: 3 }, (_, index) => ({
    name: `scan-${index}.bin`,
    type: 'application/octet-stream',
    content: randomBytes(300_000),
  }));
  const withFiles = (attachments = files) =>
    buildMessage({
      from: { local: 'staff', domain: 'clinic.example', name: null },
      to: [{ ...RECIPIENT, name: null }],
      subject: message.subject,
      text: 'The creatinine is 1.9.',
      attachments,
      date: NOW,
      hostName: 'clinic.example',
    }).toBuffer();
  const partsOf = async (copy: ReturnType<typeof kept>, bytes: Buffer) => {
    const sealed = await protect(bytes, copy);
    if (sealed.kind !== 'in-parts') throw new Error(`in parts, not ${sealed.kind}`);
    return sealed;
  };

  it('goes in several, each whole, numbered, with ids of its own and under the limit', async () => {
    const copy = kept({ mostOctets: MB });
    const { parts } = await partsOf(copy, await withFiles());
    expect(copy.state.plan?.flat()).toEqual([0, 1, 2]);
    expect(parts.of).toBe(copy.state.plan?.length);
    expect(parts.of).toBeGreaterThan(1);
    const ids = new Set<string | null>();
    for (let part = 1; part <= parts.of; part += 1) {
      const mail = await parts.mail(part);
      expect(mail.size).toBeLessThanOrEqual(MB);
      const outer = await readMessage(mail.bytes ?? Buffer.alloc(0));
      expect(outer.subject).toBe(`A protected message / Un mensaje protegido (${part}/${parts.of})`);
      expect(outer.text).toContain(`This is mail ${part} of ${parts.of}.`);
      expect(outer.text).toContain(`Este es el correo ${part} de ${parts.of}.`);
      expect(outer.inReplyTo).toBe(part === 1 ? null : '<a@clinic.example>');
      ids.add(outer.messageId);
      expect(outer.attachments.map((one) => one.name)).toEqual(['protected-message.pdf']);
    }
    expect(ids.size).toBe(parts.of);
    // The same part again has the same id: a mail system that sees both can tell.
    const again = await readMessage((await parts.mail(2)).bytes ?? Buffer.alloc(0));
    expect(ids).toContain(again.messageId);
  });

  it('goes on as it began, whatever the limit has become', async () => {
    const plan = [[0], [1], [2]];
    const done = [{ part: 1, at: NOW, host: 'mx.example', tlsVersion: 'TLSv1.3' }];
    const copy = kept({ mostOctets: 20 * MB, plan, done });
    const { parts } = await partsOf(copy, await withFiles());
    expect([parts.of, parts.done]).toEqual([3, done]);
    await parts.accepted({ part: 2, at: NOW, host: null, tlsVersion: null });
    expect(copy.state.done.map(({ part }) => part)).toEqual([1, 2]);
  });

  it('is divided further where the peer takes less, and left to another method where a file does not fit', async () => {
    const sealed = await protect(await withFiles(), kept());
    if (sealed.kind !== 'self-protected') throw new Error('one mail');
    const smaller = await sealed.further?.within(MB);
    expect(smaller?.kind).toBe('in-parts');
    const tried = sealed.further?.within(300_000);
    await expect(tried).rejects.toMatchObject({
      failure: { method: 'pdf', code: 'message-too-large' },
    });
  });

  it('stays one mail where compressing makes it small enough', async () => {
    const text = { name: 'log.txt', type: 'text/plain', content: Buffer.alloc(3 * MB, 'all well. ') };
    const sealed = await protect(await withFiles([text]), kept({ mostOctets: MB }));
    expect(sealed.kind).toBe('self-protected');
  });
});
