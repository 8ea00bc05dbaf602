// For tests of this stage only: a sandbox, a delivery over it, and what is sent.
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { contentOf, type KeptPolicy, type MtaStsStore, type SmtpTimeouts } from '#platform/net';
import { systemClock } from '#platform/runtime';
import { type Sandbox, type SandboxPeer, startSandbox } from '#sandbox';
import { createDeliver, type Deliver, type DeliverOptions, type SendRequest } from './index.ts';

export const CANARY = 'canary-4711';
export const MESSAGE = Buffer.from(
  `From: doc@clinic.test\r\nSubject: ${CANARY}\r\n\r\n.dot\r\n..two\r\n${CANARY}\r\n`,
);
export const TIMEOUTS: SmtpTimeouts = {
  connect: 2_000,
  greeting: 2_000,
  command: 2_000,
  handshake: 2_000,
  dataStart: 2_000,
  dataBlock: 2_000,
  dataEnd: 2_000,
};

export interface Fixture {
  readonly sandbox: () => Sandbox;
  /** A delivery with default limits, fresh for each test. */
  readonly deliver: () => Deliver;
  readonly newDeliver: (options?: Partial<DeliverOptions>) => Deliver;
}

/** One sandbox for the file; records, mailboxes and deliveries are fresh for each test. */
export function useSandbox(): Fixture {
  let sandbox: Sandbox | null = null;
  let deliver: Deliver | null = null;
  const opened: Deliver[] = [];
  const present = <T>(thing: T | null): T => {
    if (thing === null) throw new Error('used before the test began');
    return thing;
  };
  const newDeliver = (options: Partial<DeliverOptions> = {}): Deliver => {
    const made = createDeliver({
      network: () => present(sandbox).profile,
      clock: systemClock,
      hostName: 'mail.clinic.test',
      timeouts: TIMEOUTS,
      policies: memoryStore(),
      ...options,
    });
    opened.push(made);
    return made;
  };
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  afterAll(async () => {
    await Promise.all(opened.splice(0).map((made) => made.close()));
    await sandbox?.stop();
  });
  beforeEach(async () => {
    await Promise.all(opened.splice(0).map((made) => made.close()));
    for (const peer of present(sandbox).peers) peer.record.forget();
    present(sandbox).mailboxes.clear();
    deliver = newDeliver();
  });
  return { sandbox: () => present(sandbox), deliver: () => present(deliver), newDeliver };
}

/** Policies in memory, in place of the table. */
export function memoryStore(): MtaStsStore & { readonly kept: Map<string, KeptPolicy> } {
  const kept = new Map<string, KeptPolicy>();
  return {
    kept,
    read: async (domain) => kept.get(domain) ?? null,
    async write(domain, policy) {
      kept.set(domain, policy);
    },
    stale: async (before) =>
      [...kept].filter(([, { fetchedAt }]) => fetchedAt < before).map(([name]) => name),
  };
}

export function to(domain: string, change: Partial<SendRequest> = {}): SendRequest {
  return {
    domain,
    envelopeFrom: { local: 'doc', domain: 'clinic.test' },
    recipient: { local: 'anna', domain },
    content: contentOf(MESSAGE),
    tls: { minimum: '1.2', authentication: 'verified' },
    smtpUtf8: false,
    eightBit: false,
    ...change,
  };
}

/** Nothing of envelope or content came through, inside TLS or outside. */
export function expectUntold(peer: SandboxPeer): void {
  const all = Buffer.concat([peer.clearBytes, peer.tlsBytes]).toString('latin1');
  expect(all).not.toMatch(/MAIL FROM|RCPT|anna|doc@|canary/i);
  expect(peer.record.messages).toBe(0);
}
