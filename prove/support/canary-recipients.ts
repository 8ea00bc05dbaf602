import { randomInt } from 'node:crypto';
import { type Drive, expectStatus } from './canary-drive.ts';
import { sendSmall } from './canary-messages.ts';

/** A number holds no canary of letters: it is looked for as a secret, whole. */
function someNumber(drive: Drive): string {
  const number = `+349${randomInt(10 ** 9, 10 ** 10)}`;
  drive.secrets.push(number.slice(1));
  return number;
}

/**
 * What staff keep of recipients, and texts: number, question, answer, other address; a notice as a text beside the mail, its
 * gateway's secret, a test text. Ends when the text has reached its telephone in the sandbox.
 */
export async function keepRecipients(drive: Drive, reader: string): Promise<void> {
  const { words, api } = drive;
  const ask = async (method: string, path: string, wanted: number, body?: object) =>
    expectStatus(drive, path, await api.ask(method, path, body === undefined ? {} : { body }), wanted);
  const number = someNumber(drive);
  await ask('POST', '/v1/recipients', 201, {
    address: reader,
    mobile: number,
    stopped: false,
    challenge: {
      kind: 'shared-secret',
      prompt: `Your ${words.word('recipient record: prompt')}`,
      answer: words.word('recipient record: answer'),
    },
    fallback: {
      kind: 'address',
      address: `${words.word('recipient record: other address')}@good-tls.test`,
      samePerson: true,
    },
  });
  await ask('POST', '/v1/recipients', 409, {
    address: reader,
    mobile: someNumber(drive),
    stopped: false,
    challenge: null,
    fallback: null,
  });
  await ask('POST', '/v1/recipients', 422, {
    address: `${words.word('recipient record: refused address')}@good-tls.test`,
    mobile: words.word('recipient record: wrong number'),
    stopped: false,
    challenge: null,
    fallback: null,
  });
  await ask('POST', '/v1/recipients/search', 200, {
    address: `${words.word('recipient record: searched address')}@good-tls.test`,
  });
  await ask('GET', '/v1/recipients', 200);
  await ask('PUT', '/v1/text-channel/gateway', 200, {
    baseUrl: 'https://texts.example.test',
    account: 'AC1',
    token: words.word('text gateway: token'),
    sender: '+15005550006',
    perDay: 100,
  });
  await ask('POST', '/v1/text-channel/test', 200, { number: someNumber(drive) });
  await ask('PATCH', '/v1/text-channel', 200, { textNotices: true });
  await sendSmall(drive, reader);
  for (let turn = 0; turn < 200; turn += 1) {
    const { items } = (await api.ask('GET', '/v1/sandbox/texts')).json<{ items: { number: string }[] }>();
    if (items.some((one) => one.number === number)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  drive.surprises.push('no text reached its telephone');
}
