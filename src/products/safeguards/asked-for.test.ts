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
  };
  const values = askedFor({ params: { id: '7' }, query: {}, headers: {}, body });
  expect(values).toEqual([
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
});

const valuesOf = (body: unknown) => askedFor({ params: {}, query: {}, headers: {}, body });

it('shows all of a request, however much is put before what must not be seen', () => {
  const items = Array.from({ length: 500 }, (_, index) => ({ account: `${index}`, address: 'a@b.test' }));
  expect(valuesOf({ items })).toHaveLength(1_000);
  expect(valuesOf({ long: `${'x'.repeat(50_000)} administrator` })[0]?.value).toMatch(/ administrator$/);
  expect(valuesOf({ many: Array(3_000).fill('nurse').concat('administrator') })[0]?.value).toMatch(
    /administrator$/,
  );
});

it('hides nothing of a text but the private keys in it', () => {
  const key = '-----BEGIN EC PRIVATE KEY-----\nMC4C\n-----END EC PRIVATE KEY-----';
  const values = valuesOf({ both: `${key}\nand ${key} a certificate`, name: 'The PRIVATE KEY of Ana' });
  expect(values).toEqual([
    { name: 'body.both', value: '(private key)\nand (private key) a certificate' },
    { name: 'body.name', value: 'The PRIVATE KEY of Ana' },
  ]);
  for (const secret of ['newPassword', 'passphrase', 'tokens', 'apiKeys', 'credential'])
    expect(valuesOf({ [secret]: ['s3cret'] })).toEqual([{ name: `body.${secret}`, value: null }]);
  // A role may bear any name.
  expect(valuesOf({ caps: { 'night key': ['members:write'] } })).toEqual([
    { name: 'body.caps.night key', value: 'members:write' },
  ]);
});
