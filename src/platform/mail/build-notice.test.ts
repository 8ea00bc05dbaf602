import { describe, expect, it } from 'vitest';
import type { DeliveryId, MessageId, NoticeId, OrganisationId } from '#core/ids';
import type { Notice, NoticeBody } from '#core/notice';
import { buildNotice } from './build-notice.ts';
import { readMessage } from './read-message.ts';
import { scanBuffer } from './scan.ts';

const around = {
  neutral: false,
  organisationName: 'Clínica Riñón & Co',
  portalUrl: 'https://portal.test',
  from: { local: 'no-reply', domain: 'clinic.test', name: 'Dialysis Clinic' },
  hostName: 'mail.clinic.test',
  date: new Date('2026-11-22T04:05:06Z'),
};
const message = '01900000-0000-7000-8000-000000000001' as MessageId;
const delivery = '01900000-0000-7000-8000-000000000002' as DeliveryId;
const expiresAt = new Date('2026-12-22T10:00:00Z');

const BODIES: readonly NoticeBody[] = [
  { kind: 'portal-message', message, delivery, linkToken: 'tok_en-1', expiresAt },
  { kind: 'sign-in-code', code: '012345', expiresAt },
  { kind: 'portal-read', message, delivery, readAt: expiresAt },
  { kind: 'account-changed', change: 'factor-added', changedAt: expiresAt },
  { kind: 'security-alert', incident: null, rule: null, severity: 'high', reason: 'emergency' },
  { kind: 'emergency-access', emergency: 'e-1', startedAt: expiresAt, expiresAt },
  { kind: 'sign-in-noticed', what: 'factor-failed', at: expiresAt },
  {
    kind: 'dsn',
    message,
    messageId: '<abc@clinic.test>',
    acceptedAt: expiresAt,
    recipients: [
      {
        address: { local: 'nobody', domain: 'good-tls.test' },
        action: 'failed',
        status: '5.1.1',
        remoteHost: 'mx.good-tls.test',
        diagnosticCode: 550,
      },
      {
        address: { local: 'josé', domain: 'x.test' },
        action: 'expired',
        status: '4.4.7',
        remoteHost: null,
        diagnosticCode: null,
      },
    ],
  },
  {
    kind: 'dsn',
    message,
    messageId: '<abc@clinic.test>',
    acceptedAt: expiresAt,
    recipients: [
      {
        address: { local: 'anna', domain: 'no-tls.test' },
        action: 'unread',
        status: '5.4.7',
        remoteHost: null,
        diagnosticCode: null,
      },
    ],
  },
  {
    kind: 'dsn',
    message,
    messageId: '<abc@clinic.test>',
    acceptedAt: expiresAt,
    recipients: [
      {
        address: { local: 'anna', domain: 'no-tls.test' },
        action: 'waiting',
        status: '4.2.0',
        remoteHost: null,
        diagnosticCode: null,
      },
    ],
  },
  { kind: 'portal-message', message, delivery, linkToken: 'tok_en-2', expiresAt, elsewhere: true },
  { kind: 'portal-read', message, delivery, readAt: expiresAt, by: 'caregiver' },
  { kind: 'portal-caregiver', message, expiresAt },
];

const notice = (body: NoticeBody, locale: 'en' | 'es' = 'en'): Notice => ({
  id: 'n' as NoticeId,
  organisation: 'o' as OrganisationId,
  to: { local: 'anna', domain: 'x.test' },
  locale,
  body,
});

describe('buildNotice', () => {
  it.each(
    BODIES.flatMap((body) =>
      (['en', 'es'] as const).flatMap((locale) =>
        [true, false].map((neutral) => ({ body, locale, neutral })),
      ),
    ),
  )('makes a well-formed mail: $body.kind $locale neutral=$neutral', async ({ body, locale, neutral }) => {
    const bytes = buildNotice(notice(body, locale), { ...around, neutral });
    const scanned = scanBuffer(bytes);
    expect(scanned.ok).toBe(true);
    const read = await readMessage(bytes);
    expect(bytes.toString('latin1')).toContain('Auto-Submitted: auto-generated\r\n');
    // No text without its translation, no place left unfilled.
    expect(read.subject + read.text + (read.html ?? '')).not.toMatch(/notice\.|\{\w+\}/);
    const whole = `${read.subject}${read.text}${read.html ?? ''}${bytes.toString('latin1').split('\r\n\r\n')[0]}`;
    if (neutral) expect(whole).not.toMatch(/Riñón|Dialysis|Sealpost/i);
  });

  it('names the organisation on verified paths and links to the portal', async () => {
    const [portal] = BODIES;
    if (portal === undefined) throw new Error('no body');
    const read = await readMessage(buildNotice(notice(portal, 'es'), around));
    expect(read.subject).toBe('Un mensaje seguro de Clínica Riñón & Co');
    expect(read.text).toContain('https://portal.test/m/tok_en-1');
    expect(read.html).toContain('Clínica Riñón &amp; Co');
  });

  it('says who opened a message where it was a caregiver, and tells caregivers nothing but that something waits', async () => {
    const read = async (body: NoticeBody) => (await readMessage(buildNotice(notice(body), around))).text;
    const opened = { kind: 'portal-read', message, delivery, readAt: expiresAt } as const;
    expect(await read({ ...opened, by: 'caregiver' })).toContain('a caregiver');
    expect(await read(opened)).not.toContain('caregiver');
    const told = await read({ kind: 'portal-caregiver', message, expiresAt });
    expect(told).toContain('https://portal.test/sign-in');
    expect(told).not.toMatch(/Riñón|clinic/i);
  });

  it('shows the code in text and HTML', async () => {
    const read = await readMessage(
      buildNotice(notice({ kind: 'sign-in-code', code: '012345', expiresAt }), around),
    );
    expect(read.text).toContain('\n012345\n');
    expect(read.html).toContain('>012345<');
    expect(read.subject).not.toContain('012345');
  });

  it('reports deliveries as RFC 3464 says, with the Message-ID only', () => {
    const dsn = BODIES.find(({ kind }) => kind === 'dsn');
    if (dsn === undefined) throw new Error('no body');
    const text = buildNotice(notice(dsn), around).toString();
    expect(text).toContain('Content-Type: multipart/report; report-type=delivery-status;');
    expect(text).toContain(
      'Final-Recipient: rfc822; nobody@good-tls.test\r\nAction: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; mx.good-tls.test\r\nDiagnostic-Code: smtp; 550\r\n',
    );
    expect(text).toContain('Final-Recipient: utf-8; jos\\x{E9}@x.test\r\n');
    expect(text).toContain(
      'Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <abc@clinic.test>\r\n\r\n--',
    );
    expect(text).toContain('In-Reply-To: <abc@clinic.test>\r\n');
    const neutral = buildNotice(notice(dsn), { ...around, neutral: true }).toString();
    expect(neutral).not.toContain('nobody@');
    expect(neutral).toContain('Final-Recipient: rfc822; ***@good-tls.test');
  });

  it('keeps hostile values out of the report', () => {
    const hostile = buildNotice(
      notice({
        kind: 'dsn',
        message,
        messageId: '<a@b>\r\nBcc: x@y.test',
        acceptedAt: expiresAt,
        recipients: [
          {
            address: { local: 'a', domain: 'b.test' },
            action: 'delayed',
            status: '5.0.0\r\nX: y',
            remoteHost: 'evil\r\nX: y',
            diagnosticCode: null,
          },
        ],
      }),
      { ...around, organisationName: 'Evil\r\nBcc: x@y.test' },
    ).toString();
    expect(hostile).not.toMatch(/^(?:Bcc|X):/m);
    expect(hostile).toContain('Status: 4.0.0');
  });
});
