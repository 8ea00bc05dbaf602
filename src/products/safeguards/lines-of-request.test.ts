import { describe, expect, it } from 'vitest';
import { linesOfRequest } from './lines-of-request.ts';

describe('a request as lines', () => {
  it('says what is asked for, with its path', () => {
    const request = {
      params: { id: 'p1' },
      body: { roles: ['nurse', 'billing'], scope: null, rules: [{ name: 'Night', when: { hours: [1, 2] } }] },
    };
    expect(linesOfRequest(request)).toEqual([
      { name: 'id', value: 'p1' },
      { name: 'roles', value: 'nurse, billing' },
      { name: 'scope', value: '' },
      { name: 'rules.0.name', value: 'Night' },
      { name: 'rules.0.when.hours', value: '1, 2' },
    ]);
  });

  it('withholds secrets, whatever they are made of, also below a name that says so', () => {
    const body = {
      provider: { clientSecret: 'hunter2', keys: ['a'] },
      password: { old: 'hunter2', fresh: ['hunter2'] },
      tokens: ['hunter2'],
      secret: null,
    };
    const lines = linesOfRequest({ params: {}, body });
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    expect(lines).toEqual([
      { name: 'provider.clientSecret', value: '•••' },
      { name: 'provider.keys', value: 'a' },
      { name: 'password', value: '•••' },
      { name: 'tokens', value: '•••' },
      { name: 'secret', value: '' },
    ]);
  });

  it('says that something is left out', () => {
    const body = Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`n${n}`, 'x'.repeat(600)]));
    const lines = linesOfRequest({ params: null, body });
    expect(lines).toHaveLength(301);
    expect(lines.at(-1)).toEqual({ name: '…', value: '' });
    expect(lines[0]?.value).toHaveLength(501);
  });
});
