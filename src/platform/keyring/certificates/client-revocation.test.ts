import { expect, it } from 'vitest';
import { makeAuthority, makeCertificate } from './certificate-fixture.ts';
import { describeClient } from './client-certificate.ts';
import { createClientRevocation, type RevocationMode } from './client-revocation.ts';
import type { RevocationState } from './revocation.ts';

const root = makeAuthority();
const own = makeCertificate({ name: 'Card', issuer: root }).certificate;
const shown = () => describeClient(own, true, [own, root.certificate]);

function world(mode: RevocationMode, answers: readonly (RevocationState | Error)[]) {
  let elapsed = 0;
  let asked = 0;
  const told: string[] = [];
  const { judge } = createClientRevocation({
    mode,
    revocation: {
      async check() {
        const answer = answers[Math.min(asked, answers.length - 1)] ?? 'unknown';
        asked += 1;
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    monotonic: () => elapsed,
    noticed: (state) => told.push(state),
    failed: () => told.push('failed'),
  });
  return {
    judge,
    told,
    asked: () => asked,
    pass: (minutes: number) => {
      elapsed += minutes * 60_000;
    },
  };
}

const SETTLED = () => new Promise((resolve) => setImmediate(resolve));

it('waits for the first answer and for no later one while the certificate is in use', async () => {
  const { judge, asked, pass } = world('soft', ['good', 'revoked']);
  const first = judge(shown());
  expect(first).toBeInstanceOf(Promise);
  expect(await first).toBe('stands');
  for (let minute = 0; minute < 3; minute += 1) expect(judge(shown())).toBe('stands');
  expect(asked()).toBe(1);
  pass(2);
  // Asked beside this request; the next one knows.
  expect(judge(shown())).toBe('stands');
  expect(judge(shown())).toBe('stands');
  await SETTLED();
  expect(asked()).toBe(2);
  expect(judge(shown())).toBe('revoked');
  pass(61);
  expect(judge(shown())).toBeInstanceOf(Promise);
});

it.each<readonly [RevocationMode, RevocationState, string]>([
  ['off', 'revoked', 'stands'],
  ['soft', 'revoked', 'revoked'],
  ['soft', 'unknown', 'stands'],
  ['hard', 'revoked', 'revoked'],
  ['hard', 'unknown', 'unanswered'],
  ['hard', 'good', 'stands'],
])('%s: %s means %s', async (mode, state, standing) => {
  expect(await world(mode, [state]).judge(shown())).toBe(standing);
});

it('keeps to a revocation when the responder falls silent, until it says good', async () => {
  const { judge, told, pass } = world('soft', ['revoked', 'unknown', 'good']);
  expect(await judge(shown())).toBe('revoked');
  pass(90);
  expect(await judge(shown())).toBe('revoked');
  pass(90);
  expect(await judge(shown())).toBe('stands');
  expect(told).toEqual(['revoked']);
});

it('asks nobody for a certificate that stands under no named authority', async () => {
  const { judge, asked } = world('hard', ['revoked']);
  expect(judge(describeClient(own, false, [own, root.certificate]))).toBe('stands');
  expect(asked()).toBe(0);
  // Trusted, and nobody knows by whom: there is no one to ask.
  expect(judge(describeClient(own, true))).toBe('unanswered');
});

it('tells of a fault that no request waits for, and keeps what it knew', async () => {
  const { judge, told, pass } = world('hard', ['good', new Error('broken')]);
  await judge(shown());
  pass(2);
  expect(judge(shown())).toBe('stands');
  await SETTLED();
  expect(told).toEqual(['failed']);
  expect(judge(shown())).toBe('stands');
});
