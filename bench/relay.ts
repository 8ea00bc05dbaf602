// npm run bench -- relay [--messages N] [--connections N] [--only sealpost|postfix|postfix-signing] [--no-slow-flush] [--split]
// 20 KB messages in by SMTP submission (STARTTLS, kept connections), out by verified TLS to one sink, durable on both
// sides: Sealpost with sealing, decision, DKIM, audit and proofs, and Debian's Postfix at its best settings, alone and with
// OpenDKIM beside it, which signs what Postfix relays as any sending host has to.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openScratch } from '../prove/support/scratch.ts';
import { createAuthority } from '../src/sandbox/certificates.ts';
import { buildSlowFlush, flushMicros } from './support/flush-time.ts';
import { signerMissing } from './support/opendkim.ts';
import { postfixMissing } from './support/postfix.ts';
import { measure, type RelayFigures, type RelayTask } from './support/relay-measure.ts';
import { postfixSide, sealpostSide } from './support/relay-sides.ts';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '4000' },
    connections: { type: 'string', default: '20' },
    only: { type: 'string' },
    'no-slow-flush': { type: 'boolean', default: false },
    dir: { type: 'string', default: tmpdir() },
    profile: { type: 'string' },
    split: { type: 'boolean', default: false },
    // For comparing settings of Node; may be repeated. In place of those that the bootstrap gives.
    'node-option': { type: 'string', multiple: true },
  },
});

const wholeNumber = (name: string, text: string, least: number, most: number): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`--${name} must be a whole number from ${least} to ${most}`);
  return value;
};
const messages = wholeNumber('messages', values.messages, 100, 200_000);
const connections = wholeNumber('connections', values.connections, 1, 100);
const wants = (side: string): boolean => values.only === undefined || values.only === side;

const SLOW_FLUSH_MICROS = 2_000;
const SINK = 'localhost';
const scratch = openScratch('bench-relay', values.dir);
const { root } = scratch;

function tell(side: string, figures: RelayFigures): RelayFigures {
  console.log(
    `${side}: ${figures.perSecond} messages/s end to end (accepted at ${figures.acceptedPerSecond}/s), accept to ` +
      `delivered p50 ${figures.p50Ms} ms, p99 ${figures.p99Ms} ms, ${figures.cpuSecondsPer1000} CPU s per 1,000, ` +
      `peak ${figures.rssMb} MB; paced at ${figures.pacedPerSecond}/s: p50 ${figures.pacedP50Ms} ms, p99 ${figures.pacedP99Ms} ms`,
  );
  console.log(`  processor time by program: ${figures.cpuByProgram}`);
  return figures;
}

async function round(task: RelayTask, slow: string | null) {
  const name = slow === null ? 'disk as it is' : `flush + ${SLOW_FLUSH_MICROS / 1000} ms`;
  console.log(`round: ${name}`);
  const { profile, split } = values;
  const nodeOptions = values['node-option'];
  const shape = {
    preload: slow,
    split,
    ...(profile === undefined ? {} : { profile }),
    ...(nodeOptions === undefined ? {} : { nodeOptions }),
  };
  let sealpost: RelayFigures | null = null;
  let postfix: RelayFigures | null = null;
  let postfixSigning: RelayFigures | null = null;
  if (wants('sealpost')) sealpost = tell('Sealpost', await measure(task, sealpostSide(task, shape)));
  const missing = postfixMissing();
  if (missing !== null) console.log(`Postfix is not measured: ${missing}.`);
  else if (wants('postfix')) postfix = tell('Postfix', await measure(task, postfixSide(task, slow, false)));
  const noSigner = missing ?? signerMissing();
  if (noSigner !== null) console.log(`Postfix with DKIM is not measured: ${noSigner}.`);
  else if (wants('postfix-signing'))
    postfixSigning = tell('Postfix with DKIM', await measure(task, postfixSide(task, slow, true)));
  return { sealpost, postfix, postfixSigning };
}

try {
  const authority = await createAuthority(new Date());
  const authorityFile = join(root, 'authority.pem');
  writeFileSync(authorityFile, authority.root);
  const task: RelayTask = {
    root,
    messages,
    connections,
    size: 20_000,
    sinkHost: SINK,
    domain: 'sink.test',
    authorityFile,
    authority: authority.root,
    sinkCertificate: await authority.issue(SINK),
    serverCertificate: await authority.issue('relay.clinic.test'),
  };
  mkdirSync(root, { recursive: true });
  const micros = flushMicros(root);
  console.log(`${availableParallelism()} cores; fdatasync on this disk: ${micros} µs (median of 200)`);
  const plain = await round(task, null);
  const library = values['no-slow-flush'] ? null : buildSlowFlush(root, SLOW_FLUSH_MICROS);
  if (library === null) console.log('No round with slower flushes: left out, or no C compiler here.');
  const slow = library === null ? null : await round(task, library);
  console.log(
    JSON.stringify({
      cores: availableParallelism(),
      messages,
      flushMicros: micros,
      sealpost: plain.sealpost,
      postfix: plain.postfix,
      postfixSigning: plain.postfixSigning,
      haraka: null,
      zonemta: null,
      slowFlush: slow === null ? null : { addedMicros: SLOW_FLUSH_MICROS, ...slow },
    }),
  );
} finally {
  scratch.end();
}
