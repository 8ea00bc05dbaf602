import { describe, expect, it } from 'vitest';
import type { MessageId, OrganisationId } from '#core/ids';
import type { Message } from '#core/message';
import { ProtectionUnavailable } from '#core/protection';
import { buildMessage, readMessage } from '#platform/mail';
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

const protector = (password: string | null) =>
  protectWithPdf({
    password: async () => (password === null ? null : { id: 'p', password }),
    hostName: 'clinic.example',
  });

async function protect(bytes: Buffer, password: string | null, size?: number) {
  const decision = {
    method: 'pdf',
    order: ['pdf'],
    tls: { minimum: '1.2', authentication: 'verified' },
    policyVersion: 1,
    reasons: [],
  } as const;
  const content = inMemory(bytes, size);
  return protector(password).protect({ message, content, recipient: RECIPIENT, decision });
}

describe('protected PDF', () => {
  it('puts all of the message into one sealed file under a neutral mail', async () => {
    const sealed = await protect(await inner(), PASSWORD);
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

  it.each([
    ['no password was agreed', null, undefined, 'no-key'],
    ['the message is too large', PASSWORD, 11 * 1024 * 1024, 'message-too-large'],
  ])('is not available where %s', async (_, password, size, code) => {
    const refused = await protect(await inner(), password, size).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ProtectionUnavailable);
    expect(refused).toMatchObject({ failure: { method: 'pdf', code } });
  });

  it('passes faults on: they are no reason to take another method', async () => {
    const broken = protectWithPdf({
      password: () => Promise.reject(new Error('database')),
      hostName: 'clinic.example',
    });
    const content = inMemory(await inner());
    const decision = { method: 'pdf', order: [], policyVersion: 1, reasons: [] } as const;
    const tls = { minimum: '1.2', authentication: 'verified' } as const;
    await expect(
      broken.protect({ message, content, recipient: RECIPIENT, decision: { ...decision, tls } }),
    ).rejects.toThrow('database');
  });
});
