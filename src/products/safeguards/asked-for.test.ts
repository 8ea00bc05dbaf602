import { expect, it } from 'vitest';
import { askedFor } from './asked-for.ts';

it('shows each value of a request by where it stands, and no secret', () => {
  const body = {
    issuer: 'https://idp.example',
    secret: 'hunter2',
    retentionYears: 7,
    muted: null,
    networks: ['10.0.0.0/8', '192.0.2.0/24'],
    none: [],
    left: undefined,
    rules: [{ role: 'nurse', clientKey: 'abc' }],
    authorities: '-----BEGIN PRIVATE KEY-----\nMC4C',
    long: 'x'.repeat(5_000),
  };
  const { items: values, more } = askedFor({ params: { id: '7' }, query: {}, headers: {}, body });
  expect(values.slice(0, -1)).toEqual([
    { name: 'params.id', value: '7' },
    { name: 'body.issuer', value: 'https://idp.example' },
    { name: 'body.secret', value: null },
    { name: 'body.retentionYears', value: '7' },
    { name: 'body.muted', value: '' },
    { name: 'body.networks', value: '10.0.0.0/8, 192.0.2.0/24' },
    { name: 'body.none', value: '' },
    { name: 'body.rules[0].role', value: 'nurse' },
    { name: 'body.rules[0].clientKey', value: null },
    { name: 'body.authorities', value: null },
  ]);
  expect(values.at(-1)?.value).toBe(`${'x'.repeat(4_000)}…`);
  expect(more).toBe(0);
});

it('says how much there is that it does not show', () => {
  const body = Array(400).fill({ a: 1 });
  const all = askedFor({ params: {}, query: {}, headers: {}, body });
  expect([all.items.length, all.more]).toEqual([300, 100]);
});
