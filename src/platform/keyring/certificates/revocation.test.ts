import { describe, expect, it } from 'vitest';
import { OID } from '../der/oids.ts';
import { makeAuthority, makeCertificate, makeList, makeOcspAnswer } from './certificate-fixture.ts';
import { createRevocation, type RevocationPorts } from './revocation.ts';

const CRL = 'http://ca.test/list.crl';
const OCSP = 'http://ca.test/ocsp';
const root = makeAuthority();
const other = makeAuthority('Root');
const day = (count: number) => new Date(Date.now() + count * 86_400_000);
const listed = makeCertificate({ name: 'L', issuer: root, crlUrl: CRL });
const asked = makeCertificate({ name: 'O', issuer: root, ocspUrl: OCSP });
const both = makeCertificate({ name: 'B', issuer: root, ocspUrl: OCSP, crlUrl: CRL });
const silent = makeCertificate({ name: 'S', issuer: root });
const responder = makeCertificate({
  name: 'R',
  issuer: root,
  purposes: [OID.ocspSigning],
  usage: ['digitalSignature'],
});
const noResponder = makeCertificate({ name: 'N', issuer: root, usage: ['digitalSignature'] });

function world(answers: Readonly<Record<string, Buffer | null>>) {
  let elapsed = 0;
  const questions: string[] = [];
  const ports: RevocationPorts = {
    now: () => new Date(),
    monotonic: () => elapsed,
    async fetch(url) {
      questions.push(url);
      return answers[url] ?? null;
    },
  };
  return {
    revocation: createRevocation(ports),
    questions,
    pass: (ms: number) => {
      elapsed += ms;
    },
  };
}

const chain = (made: typeof root) => [made.certificate, root.certificate];

describe('revocation', () => {
  it.each<readonly [string, string, typeof root, Readonly<Record<string, Buffer | null>>]>([
    ['not on the list', 'good', listed, { [CRL]: makeList(root, [asked.certificate]) }],
    ['an empty list', 'good', listed, { [CRL]: makeList(root, []) }],
    ['on the list', 'revoked', listed, { [CRL]: makeList(root, [silent.certificate, listed.certificate]) }],
    ['a list out of date', 'unknown', listed, { [CRL]: makeList(root, [], { from: day(-9), to: day(-1) }) }],
    [
      'a list from the future',
      'unknown',
      listed,
      { [CRL]: makeList(root, [], { from: day(1), to: day(2) }) },
    ],
    ['a list that another signed in the root’s name', 'unknown', listed, { [CRL]: makeList(other, []) }],
    ['octets that are no list', 'unknown', listed, { [CRL]: Buffer.from('<html>') }],
    ['no answer', 'unknown', listed, { [CRL]: null }],
    ['nobody to ask', 'unknown', silent, {}],
    ['OCSP says good', 'good', asked, { [OCSP]: makeOcspAnswer(asked.certificate, root, 'good') }],
    ['OCSP says revoked', 'revoked', asked, { [OCSP]: makeOcspAnswer(asked.certificate, root, 'revoked') }],
    ['OCSP knows nothing', 'unknown', asked, { [OCSP]: makeOcspAnswer(asked.certificate, root, 'unknown') }],
    [
      'OCSP by a certified responder',
      'good',
      asked,
      { [OCSP]: makeOcspAnswer(asked.certificate, root, 'good', { signer: responder }) },
    ],
    [
      'OCSP by one who is none',
      'unknown',
      asked,
      { [OCSP]: makeOcspAnswer(asked.certificate, root, 'good', { signer: noResponder }) },
    ],
    [
      'OCSP by an impostor',
      'unknown',
      asked,
      { [OCSP]: makeOcspAnswer(asked.certificate, root, 'good', { signer: other }) },
    ],
    [
      'OCSP about another certificate',
      'unknown',
      asked,
      { [OCSP]: makeOcspAnswer(listed.certificate, root, 'good') },
    ],
    [
      'OCSP out of date',
      'unknown',
      asked,
      { [OCSP]: makeOcspAnswer(asked.certificate, root, 'good', { from: day(-9), to: day(-1) }) },
    ],
    ['the list where OCSP is silent', 'revoked', both, { [CRL]: makeList(root, [both.certificate]) }],
    [
      'OCSP first',
      'revoked',
      both,
      { [OCSP]: makeOcspAnswer(both.certificate, root, 'revoked'), [CRL]: makeList(root, []) },
    ],
  ])('%s: %s', async (_, expected, made, answers) => {
    expect(await world(answers).revocation.check(chain(made))).toBe(expected);
  });

  it('asks for each certificate of a chain but the anchor, and the worst answer counts', async () => {
    const middle = makeAuthority('Middle', { issuer: root, crlUrl: CRL });
    const leaf = makeCertificate({ name: 'X', issuer: middle, ocspUrl: OCSP });
    const { revocation } = world({
      [CRL]: makeList(root, [middle.certificate]),
      [OCSP]: makeOcspAnswer(leaf.certificate, middle, 'good'),
    });
    const whole = [leaf.certificate, middle.certificate, root.certificate];
    expect(await revocation.check(whole)).toBe('revoked');
  });

  it('asks once at a time, keeps answers, and asks again when they are due', async () => {
    const { revocation, questions, pass } = world({ [CRL]: makeList(root, []) });
    expect(revocation.known(chain(listed))).toBe('unknown');
    await Promise.all([revocation.check(chain(listed)), revocation.check(chain(listed))]);
    expect(questions).toEqual([CRL]);
    expect(revocation.known(chain(listed))).toBe('good');
    pass(11 * 3_600_000);
    await revocation.check(chain(listed));
    expect(questions).toHaveLength(1);
    pass(2 * 3_600_000);
    await revocation.check(chain(listed));
    expect(questions).toHaveLength(2);
  });

  it('does not ask a dead place again for five minutes', async () => {
    const { revocation, questions, pass } = world({});
    await revocation.check(chain(asked));
    await revocation.check(chain(asked));
    expect(questions).toHaveLength(1);
    pass(301_000);
    await revocation.check(chain(asked));
    expect(questions).toHaveLength(2);
  });

  it('does not let a message wait for a place that does not answer, and takes its answer for the next', async () => {
    let answer: (octets: Buffer) => void = () => undefined;
    const late = new Promise<Buffer>((resolve) => {
      answer = resolve;
    });
    const revocation = createRevocation({
      now: () => new Date(),
      monotonic: () => 0,
      fetch: () => late,
      patienceMs: 20,
    });
    expect(await revocation.check(chain(listed))).toBe('unknown');
    answer(makeList(root, [listed.certificate]));
    expect(await revocation.check(chain(listed))).toBe('revoked');
  });

  it('fetches one list once for all who stand on it', async () => {
    const second = makeCertificate({ name: 'L2', issuer: root, crlUrl: CRL });
    const { revocation, questions } = world({ [CRL]: makeList(root, [second.certificate]) });
    expect(await revocation.check(chain(listed))).toBe('good');
    expect(await revocation.check(chain(second))).toBe('revoked');
    expect(questions).toEqual([CRL]);
  });
});
