import type { Answer } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { createDaneSource } from './dane-source.ts';
import type { Answered, Look } from './resolver.ts';

const certificate = Buffer.alloc(32, 1);
const a = (name: string): Answer => ({ name, type: 'A', data: '192.0.2.1' });
const tlsa = (name: string): Answer => ({
  name,
  type: 'TLSA',
  data: { usage: 3, selector: 1, matchingType: 1, certificate },
});
const records = [{ usage: 3, selector: 1, matching: 1, data: certificate }];

const found = (record: Answer, secure: boolean, name = 'mx.x.test'): Answered => ({
  looked: { kind: 'found', records: [record], secure },
  name,
});
const none = (secure: boolean): Answered => ({
  looked: { kind: 'none', nameExists: true, secure },
  name: 'x',
});
const failed: Answered = { looked: { kind: 'failed', code: 'servfail' }, name: 'x' };

const ADDRESS = 'A mx.x.test';
const HERE = 'TLSA _25._tcp.mx.x.test';
const THERE = 'TLSA _25._tcp.target.test';

describe('TLSA look-up', () => {
  it.each<[string, Record<string, Answered>, object, number]>([
    [
      'secure records',
      { [ADDRESS]: found(a('x'), true), [HERE]: found(tlsa('x'), true) },
      { kind: 'found', records, base: 'mx.x.test' },
      1,
    ],
    [
      'insecure addresses: not even asked',
      { [ADDRESS]: found(a('x'), false), [HERE]: found(tlsa('x'), true) },
      { kind: 'none' },
      0,
    ],
    [
      'insecure records',
      { [ADDRESS]: found(a('x'), true), [HERE]: found(tlsa('x'), false) },
      { kind: 'none' },
      1,
    ],
    [
      'proof that there are none',
      { [ADDRESS]: found(a('x'), true), [HERE]: none(true) },
      { kind: 'none' },
      1,
    ],
    [
      'records that fail validation',
      { [ADDRESS]: found(a('x'), true), [HERE]: failed },
      { kind: 'failed' },
      1,
    ],
    ['addresses that fail validation', { [ADDRESS]: failed }, { kind: 'failed' }, 0],
    ['no addresses', {}, { kind: 'none' }, 0],
    [
      'one family secure, the other not',
      {
        [ADDRESS]: found(a('x'), true),
        'AAAA mx.x.test': found(a('x'), false),
        [HERE]: found(tlsa('x'), true),
      },
      { kind: 'none' },
      0,
    ],
    [
      'a secure alias: records at its target',
      {
        [ADDRESS]: found(a('x'), true, 'target.test'),
        [THERE]: found(tlsa('x'), true),
        [HERE]: found(tlsa('y'), true),
      },
      { kind: 'found', records, base: 'target.test' },
      1,
    ],
    [
      'a secure alias: none at its target, some at itself',
      { [ADDRESS]: found(a('x'), true, 'target.test'), [THERE]: none(true), [HERE]: found(tlsa('x'), true) },
      { kind: 'found', records, base: 'mx.x.test' },
      2,
    ],
    [
      'a secure alias: a failure at its target is not passed over',
      { [ADDRESS]: found(a('x'), true, 'target.test'), [THERE]: failed, [HERE]: found(tlsa('x'), true) },
      { kind: 'failed' },
      1,
    ],
    [
      'a signed alias into an unsigned zone: records at the alias',
      {
        [ADDRESS]: found(a('x'), false, 'target.test'),
        'CNAME mx.x.test': found(a('x'), true),
        [THERE]: found(tlsa('x'), true),
        [HERE]: found(tlsa('x'), true),
      },
      { kind: 'found', records, base: 'mx.x.test' },
      1,
    ],
    [
      'an unsigned alias',
      {
        [ADDRESS]: found(a('x'), false, 'target.test'),
        'CNAME mx.x.test': found(a('x'), false),
        [HERE]: found(tlsa('x'), true),
      },
      { kind: 'none' },
      0,
    ],
    [
      'an alias whose proof fails',
      { [ADDRESS]: found(a('x'), false, 'target.test'), 'CNAME mx.x.test': failed },
      { kind: 'failed' },
      0,
    ],
  ])('%s', async (_what, answers, expected, questions) => {
    const asked: string[] = [];
    const look: Look = async (name, type) => {
      asked.push(`${type} ${name}`);
      return answers[`${type} ${name}`] ?? none(true);
    };
    expect(await createDaneSource(look).tlsa('MX.x.test')).toEqual(expected);
    expect(asked.filter((question) => question.startsWith('TLSA'))).toHaveLength(questions);
  });
});
