import { describe, expect, it } from 'vitest';
import { wkdAddresses, wkdHash } from './wkd.ts';

describe('Web Key Directory', () => {
  it('names keys as the example of draft-koch-openpgp-webkey-service §3.1', () => {
    expect(wkdHash('Joe.Doe')).toBe('iy9q119eutrkn8s1mk4r39qejnbu3n5q');
    expect(wkdAddresses({ local: 'Joe.Doe', domain: 'example.org' })).toEqual({
      advanced:
        'https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe',
      direct: 'https://example.org/.well-known/openpgpkey/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe',
    });
  });

  it('lets nothing of the local part out of the query', () => {
    const { direct } = wkdAddresses({ local: 'a?b#c/../d&e', domain: 'example.org' });
    const url = new URL(direct);
    expect(url.pathname).toMatch(/^\/\.well-known\/openpgpkey\/hu\/[a-z0-9]{32}$/);
    expect(url.searchParams.get('l')).toBe('a?b#c/../d&e');
    expect(url.hash).toBe('');
  });
});
