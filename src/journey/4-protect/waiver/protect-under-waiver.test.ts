import { expect, it } from 'vitest';
import type { Decision } from '#core/decision';
import type { DeliveryId } from '#core/ids';
import type { Content, Message } from '#core/message';
import type { SensitivityClass } from '#core/method';
import { protectUnderWaiver } from './protect-under-waiver.ts';

const content = { size: 0 } as Content;
const ask = (over: { class?: SensitivityClass; requireTls?: boolean }, waiver: string | null) => {
  const message = { class: 'ordinary', ...over } as Message;
  const recipient = { local: 'anna', domain: 'no-tls.test' };
  const decision = { method: 'waiver' } as Decision;
  return protectUnderWaiver(async () => waiver).protect({
    message,
    content,
    delivery: '' as DeliveryId,
    recipient,
    decision,
  });
};

it('hands the content on, with the record it goes under', async () => {
  expect(await ask({}, 'w')).toEqual({ kind: 'under-waiver', content, waiver: 'w' });
});

it('is not available once the waiver has ended, nor where the sender demanded REQUIRETLS', async () => {
  await expect(ask({}, null)).rejects.toMatchObject({ failure: { code: 'waiver-ended' } });
  await expect(ask({ requireTls: true }, 'w')).rejects.toMatchObject({
    failure: { code: 'requiretls-demanded' },
  });
});

it('never takes the high class', async () => {
  await expect(ask({ class: 'high' }, 'w')).rejects.toThrow('cannot open');
});
