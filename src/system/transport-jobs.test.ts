import { createSocket } from 'node:dgram';
import { AUTHENTIC_DATA, decode, encode } from 'dns-packet';
import { afterEach, describe, expect, it } from 'vitest';
import { createLiveNetwork } from '#platform/net';
import { type Logger, silentLogger, systemClock } from '#platform/runtime';
import { transportJobs } from './transport-jobs.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** A resolver that answers every question with nothing, with or without the mark of validation. */
async function resolver(flags: number): Promise<string> {
  const socket = createSocket('udp4');
  open.push(socket);
  socket.on('message', (bytes, from) => {
    const { id, questions } = decode(bytes);
    socket.send(encode({ type: 'response', id, flags: 0x180 | flags, questions }), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return `127.0.0.1:${socket.address().port}`;
}

async function warned(server: Parameters<typeof createLiveNetwork>[0], mode: 'live' | 'sandbox') {
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (code) => void warnings.push(code) };
  const network = createLiveNetwork(server);
  const unused = async (): Promise<never> => {
    throw new Error('not used here');
  };
  const jobs = transportJobs({
    database: { tenant: unused, system: unused, close: unused } as never,
    clock: systemClock,
    logger,
    world: { mode: () => mode, network: () => network },
    deliver: {} as never,
    reporter: null,
    results: { note: () => undefined, flush: async () => undefined },
  });
  await jobs.find(({ name }) => name === 'check-validating-resolver')?.run();
  return warnings;
}

describe('a resolver that was named as validating', () => {
  const WARNING = ['validating-resolver-does-not-validate'];

  it('is warned of when it does not validate what is signed', async () => {
    expect(await warned({ validatingServer: await resolver(0) }, 'live')).toEqual(WARNING);
    expect(await warned({ validatingServer: await resolver(AUTHENTIC_DATA) }, 'live')).toEqual([]);
  });

  it('is not looked at in the sandbox, and another resolver is not at all', async () => {
    expect(await warned({ validatingServer: await resolver(0) }, 'sandbox')).toEqual([]);
    expect(await warned({ dnsServers: [await resolver(0)] }, 'live')).toEqual([]);
  });
});
