import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../keyring/certificates/certificate-fixture.ts';
import { contentOf } from './content.ts';
import { type OpenSession, openSession, RFC_TIMEOUTS } from './smtp-open.ts';
import type { MailTransaction, SmtpSession } from './smtp-session.ts';
import { pkixVerifier } from './verify-peer.ts';

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

type Script = (line: string, socket: Socket) => string | null;

/** A server in clear that answers each line by the script; `writes` are the chunks as they arrived. */
async function peer(script: Script, greeting = '220 hi\r\n'): Promise<{ port: number; writes: string[] }> {
  const writes: string[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    let data = false;
    socket.on('error', () => undefined);
    socket.write(greeting);
    socket.on('data', (chunk) => {
      const text = chunk.toString();
      writes.push(text);
      for (const line of text.split('\r\n').slice(0, -1)) {
        if (data && line !== '.') continue;
        const answer = script(line, socket);
        data = answer?.startsWith('354') === true;
        if (answer !== null && !socket.destroyed) socket.write(answer);
      }
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, writes };
}

const HELLO = '250-x\r\n250-PIPELINING\r\n250 SIZE 1000000\r\n';
const polite: Script = (line) =>
  line.startsWith('EHLO') ? HELLO : line.startsWith('DATA') ? '354 go\r\n' : '250 2.0.0 ok\r\n';

const options = (port: number, change: Partial<OpenSession> = {}): OpenSession => ({
  host: 'x.test',
  address: '127.0.0.1',
  port,
  hostName: 'us.test',
  security: { kind: 'opportunistic', verifier: pkixVerifier },
  roots: [],
  timeouts: { ...RFC_TIMEOUTS, command: 500, greeting: 500, dataStart: 500, dataBlock: 500, dataEnd: 500 },
  ...change,
});

async function session(port: number): Promise<SmtpSession> {
  const opened = await openSession(options(port));
  if (opened.kind !== 'open') throw new Error(opened.kind);
  return opened.session;
}

const mail = (change: Partial<MailTransaction> = {}): MailTransaction => ({
  from: { local: 'a', domain: 'us.test' },
  to: { local: 'b', domain: 'x.test' },
  content: contentOf(Buffer.from('Subject: s\r\n\r\n.x\r\n')),
  smtpUtf8: false,
  eightBit: false,
  ...change,
});

describe('SMTP session', () => {
  it('sends MAIL, RCPT and DATA in one write, and content with its end in one', async () => {
    const { port, writes } = await peer(polite);
    const open = await session(port);
    expect(await open.send(mail())).toMatchObject({ kind: 'accepted' });
    expect(writes).toEqual([
      'EHLO us.test\r\n',
      'MAIL FROM:<a@us.test> SIZE=18\r\nRCPT TO:<b@x.test>\r\nDATA\r\n',
      'Subject: s\r\n\r\n..x\r\n.\r\n',
    ]);
  });

  it('sends one command at a time where PIPELINING is not offered', async () => {
    const { port, writes } = await peer((line, socket) =>
      line.startsWith('EHLO') ? '250 x\r\n' : polite(line, socket),
    );
    await (await session(port)).send(mail());
    expect(writes.slice(1, 4)).toEqual(['MAIL FROM:<a@us.test>\r\n', 'RCPT TO:<b@x.test>\r\n', 'DATA\r\n']);
  });

  it('ends an empty DATA that a peer opens though it refused the recipient, and resets before the next', async () => {
    const { port, writes } = await peer((line, socket) =>
      line.startsWith('RCPT') && line.includes('nobody') ? '550 5.1.1 no\r\n' : polite(line, socket),
    );
    const open = await session(port);
    const to = { local: 'nobody', domain: 'x.test' };
    expect(await open.send(mail({ to }))).toMatchObject({
      kind: 'refused',
      at: 'recipient',
      reply: { code: 550 },
    });
    expect(writes[2]).toBe('.\r\n');
    expect(await open.send(mail())).toMatchObject({ kind: 'accepted' });
    expect(writes[3]).toMatch(/^RSET\r\nMAIL/);
  });

  it('falls back to HELO', async () => {
    const { port } = await peer((line, socket) =>
      line.startsWith('EHLO') ? '502 5.5.1 what\r\n' : polite(line, socket),
    );
    expect(await (await session(port)).send(mail())).toMatchObject({ kind: 'accepted' });
  });

  it('is over when a reply comes that nobody asked for: it must not answer the next message', async () => {
    const { port } = await peer((line, socket) =>
      line === '.' ? '250 taken\r\n250 and again\r\n' : polite(line, socket),
    );
    const open = await session(port);
    expect(await open.send(mail())).toMatchObject({ kind: 'accepted' });
    await expect.poll(() => open.usable).toBe(false);
    expect(await open.send(mail())).toMatchObject({ kind: 'lost', stage: 'envelope' });
  });

  it('is over when half a reply comes ahead of its command', async () => {
    const { port } = await peer((line, socket) =>
      line === '.' ? '250 taken\r\n250-2.0.0' : polite(line, socket),
    );
    const open = await session(port);
    expect(await open.send(mail())).toMatchObject({ kind: 'accepted' });
    expect(await open.send(mail())).toMatchObject({ kind: 'lost', stage: 'envelope' });
    expect(open.usable).toBe(false);
  });

  it('takes an early refusal during streamed content for the answer', async () => {
    let refused = false;
    const { port } = await peer((line, socket) => polite(line, socket));
    const open = await session(port);
    const content = {
      size: 500_000,
      bytes: null,
      open: async function* () {
        yield Buffer.alloc(1_000, 'y\r\n');
        sockets.at(-1)?.write('552 5.3.4 enough\r\n');
        await new Promise((resolve) => setTimeout(resolve, 30));
        refused = true;
        yield Buffer.alloc(1_000, 'y\r\n');
        yield Buffer.alloc(1_000, 'y\r\n');
      },
    };
    expect(await open.send(mail({ content }))).toMatchObject({
      kind: 'refused',
      at: 'content',
      reply: { code: 552 },
    });
    expect(refused).toBe(true);
    expect(open.usable).toBe(false);
  });

  it('does not take an early acceptance for one', async () => {
    const { port } = await peer((line, socket) => polite(line, socket));
    const open = await session(port);
    const content = {
      size: 500_000,
      bytes: null,
      open: async function* () {
        yield Buffer.alloc(1_000, 'y\r\n');
        sockets.at(-1)?.write('250 2.0.0 taken\r\n');
        await new Promise((resolve) => setTimeout(resolve, 30));
        yield Buffer.alloc(1_000, 'y\r\n');
        yield Buffer.alloc(1_000, 'y\r\n');
      },
    };
    expect(await open.send(mail({ content }))).toMatchObject({ kind: 'lost', stage: 'content' });
  });

  it('waits no longer than allowed for an answer to the end, and says that it may have arrived', async () => {
    const { port } = await peer((line, socket) => (line === '.' ? null : polite(line, socket)));
    expect(await (await session(port)).send(mail())).toEqual({
      kind: 'lost',
      code: 'timeout',
      stage: 'after-end',
    });
  });

  it('refuses addresses that could end a command', async () => {
    const { port, writes } = await peer(polite);
    const open = await session(port);
    for (const local of ['b\r\nRSET', 'b> x', 'b c', 'b\0']) {
      await expect(open.send(mail({ to: { local, domain: 'x.test' } }))).rejects.toThrow(RangeError);
    }
    expect(writes).toHaveLength(1);
    expect(await open.send(mail({ to: { local: '"b c"', domain: 'x.test' } }))).toMatchObject({
      kind: 'accepted',
    });
  });

  it.each([
    ['nothing', '', 'timeout'],
    ['nonsense', 'SSH-2.0-OpenSSH\r\n', 'connection-lost'],
    ['an endless line', '2'.repeat(100_000), 'connection-lost'],
  ])('gives up on a greeting of %s', async (_what, greeting, code) => {
    const { port } = await peer(polite, greeting);
    expect(await openSession(options(port))).toMatchObject({ kind: 'unreachable', code });
  });

  it('gives up on a handshake that is not answered', async () => {
    const { port, writes } = await peer((line, socket) =>
      line.startsWith('EHLO')
        ? '250-x\r\n250 STARTTLS\r\n'
        : line === 'STARTTLS'
          ? '220 go\r\n'
          : polite(line, socket),
    );
    const security = { kind: 'required', minimum: '1.2', verifier: pkixVerifier } as const;
    const timeouts = { ...options(port).timeouts, handshake: 60 };
    expect(await openSession(options(port, { security, timeouts }))).toMatchObject({
      kind: 'unprotected',
      code: 'tls-handshake-failed',
      parameters: { detail: 'timeout' },
    });
    expect(writes.join('')).not.toContain('MAIL');
  });

  it('brings no content over a key exchange without forward secrecy, which will do for what has none', async () => {
    const made = makeCertificate({ name: 'x.test', key: 'rsa' });
    const server = createTlsServer(
      {
        cert: made.pem,
        key: made.keyPem,
        maxVersion: 'TLSv1.2',
        ciphers: 'AES256-GCM-SHA384',
      },
      (socket) => {
        sockets.push(socket);
        socket.on('error', () => undefined);
        socket.write('220 hi\r\n');
        socket.on('data', (chunk) =>
          socket.write(chunk.toString().startsWith('EHLO') ? HELLO : '250 ok\r\n'),
        );
      },
    );
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const opened = async (security: OpenSession['security']) => {
      const result = await openSession(options(port, { security, implicitTls: true }));
      return result.kind === 'unprotected' ? result.code : result.kind;
    };
    expect(await opened({ kind: 'required', minimum: '1.2', verifier: null })).toBe('tls-handshake-failed');
    expect(await opened({ kind: 'opportunistic', verifier: pkixVerifier })).toBe('open');
  });
});
