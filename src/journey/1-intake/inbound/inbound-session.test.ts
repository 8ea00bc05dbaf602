import { Readable } from 'node:stream';
import type { SMTPServerAddress, SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import { describe, expect, it } from 'vitest';
import { Refusal } from '#core/errors';
import type { MessageId, OrganisationId } from '#core/ids';
import { silentLogger, systemClock } from '#platform/runtime';
import { trustedPeers } from '../smtp-listener.ts';
import { type InboundSessionPorts, InboundSessions } from './inbound-session.ts';
import type { InboundLetter } from './submit-inbound.ts';

const ONE = 'organisation-one' as OrganisationId;
const TWO = 'organisation-two' as OrganisationId;

function listener(change: Partial<InboundSessionPorts> = {}) {
  const letters: InboundLetter[] = [];
  const refused: (string | null)[][] = [];
  const sessions = new InboundSessions({
    async submit(letter, content) {
      letters.push(letter);
      for await (const piece of content)
        if (piece.includes('bad')) throw new Refusal('invalid-header', { reason: 'x' });
      return 'id' as MessageId;
    },
    organisationOf: async (domain) => ({ 'one.test': ONE, 'two.test': TWO })[domain] ?? null,
    reserveOk: () => true,
    accepting: () => true,
    refused: async (...all) => void refused.push(all),
    networks: null,
    clock: systemClock,
    logger: silentLogger,
    limits: {
      maxPerAddress: 2,
      maxMessagesPerConnection: 3,
      maxPerMinute: 5,
      maxStrangers: 2,
      dataMs: 1_000,
    },
    hangUp: () => undefined,
    afterMessage: () => undefined,
    ...change,
  });
  const connect = (remoteAddress = '192.0.2.1') => {
    const session = {
      remoteAddress,
      secure: true,
      hostNameAppearsAs: 'mx.example',
      envelope: { mailFrom: false, rcptTo: [] },
    } as unknown as SMTPServerSession;
    const said = (act: (done: (error?: Error | null, text?: string) => void) => void): Promise<string> =>
      new Promise((resolve) => {
        act((error, text) =>
          resolve(
            error instanceof Error
              ? `${'responseCode' in error ? String(error.responseCode) : '?'} ${error.message}`
              : `250 ${text ?? ''}`,
          ),
        );
      });
    const address = (text: string): SMTPServerAddress => ({ address: text, args: {} });
    const rcptTo: SMTPServerAddress[] = [];
    return {
      session,
      greeted: said((done) => sessions.onConnect(session, done)),
      from(text: string) {
        rcptTo.length = 0;
        session.envelope = { mailFrom: address(text), rcptTo } as SMTPServerSession['envelope'];
        return said((done) => sessions.onMailFrom(address(text), session, done));
      },
      async to(text: string) {
        const answer = await said((done) => sessions.onRcptTo(address(text), session, done));
        if (answer.startsWith('250')) rcptTo.push(address(text));
        return answer;
      },
      data(text: string) {
        const source = Readable.from([Buffer.from(text)]);
        const stream = Object.assign(source, { byteLength: text.length, sizeExceeded: false });
        return said((done) => sessions.onData(stream as unknown as SMTPServerDataStream, session, done));
      },
      close: () => sessions.onClose(session),
    };
  };
  return { connect, letters, refused };
}

describe('a session with somebody outside', () => {
  it('takes mail for one organisation at a time, whoever the sender is', async () => {
    const { connect, letters } = listener();
    const talk = connect('::ffff:192.0.2.1');
    expect(await talk.greeted).toMatch(/^250/);
    expect(talk.session.disabledCommands).toContain('AUTH');
    expect(await talk.from('')).toMatch(/^250/);
    expect(await talk.to('anna@one.test')).toMatch(/^250/);
    expect(await talk.to('bert@two.test')).toMatch(/^452 4\.5\.3/);
    expect(await talk.to('Anna@elsewhere.test')).toMatch(/^550 5\.7\.1/);
    expect(await talk.data('Subject: x')).toMatch(/^250 2\.6\.0 Accepted as id/);
    expect(await talk.from('x@y.example')).toMatch(/^250/);
    expect(await talk.to('bert@two.test')).toMatch(/^250/);
    await talk.data('Subject: y');
    expect(letters).toMatchObject([
      { organisation: ONE, sender: null, recipients: [{ local: 'anna' }], peer: { address: '192.0.2.1' } },
      { organisation: TWO, sender: { domain: 'y.example' }, recipients: [{ local: 'bert' }] },
    ]);
  });

  it('tells the organisation what was refused after it had come, and nobody what was not', async () => {
    const { connect, refused } = listener();
    const talk = connect();
    await talk.from('x@y.example');
    await talk.to('anna@one.test');
    expect(await talk.data('bad')).toMatch(/^550 5\.6\.0/);
    expect(refused).toEqual([[ONE, '192.0.2.1', 'invalid-header', 'x']]);
  });

  it('shuts out other networks, too many connections, and who tries one address after the other', async () => {
    const near = listener({ networks: trustedPeers(['192.0.2.0/24', '2001:db8::/32']) });
    expect(await near.connect('198.51.100.1').greeted).toMatch(/^554 5\.7\.1/);
    expect(await near.connect('2001:db8::1').greeted).toMatch(/^250/);
    const { connect } = listener();
    const [first] = [connect(), connect()];
    expect(await connect().greeted).toMatch(/^421/);
    first?.close();
    const talk = connect('203.0.113.9');
    await talk.from('x@y.example');
    for (const answer of [/^550/, /^550/, /^421/]) expect(await talk.to('a@nobody.test')).toMatch(answer);
  });

  it('takes so many messages on a connection, and of an address in a minute', async () => {
    const { connect } = listener();
    const send = async (talk: ReturnType<typeof connect>) => {
      const answer = await talk.from('x@y.example');
      if (!answer.startsWith('250')) return answer;
      await talk.to('anna@one.test');
      return talk.data('Subject: x');
    };
    const talk = connect();
    for (const answer of [/^250/, /^250/, /^250/, /^421/]) expect(await send(talk)).toMatch(answer);
    const again = connect();
    expect(await send(again)).toMatch(/^250/);
    expect(await send(again)).toMatch(/^250/);
    expect(await send(again)).toMatch(/^450 4\.7\.1/);
  });

  it('takes nothing while it must not', async () => {
    expect(
      await listener({ accepting: () => false })
        .connect()
        .from('x@y.example'),
    ).toMatch(/^450 4\.3\.2/);
    expect(
      await listener({ reserveOk: () => false })
        .connect()
        .from('x@y.example'),
    ).toMatch(/^452 4\.3\.1/);
    const fault = listener({ organisationOf: () => Promise.reject(new Error('away')) }).connect();
    await fault.from('x@y.example');
    expect(await fault.to('anna@one.test')).toMatch(/^451/);
  });
});
