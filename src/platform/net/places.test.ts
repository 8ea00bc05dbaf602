import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '#platform/runtime';
import { openPlaces } from './places.ts';
import { makePlaces } from './places-fixture.ts';

let home = '';
let path = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'sealpost-places-'));
  path = join(home, 'places.mmdb');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('places', () => {
  it('are found for IPv4 and IPv6, with the point where there is one', () => {
    writeFileSync(
      path,
      makePlaces({
        '192.0.2.0/24': { country: { iso_code: 'ES' }, location: { latitude: 40.4, longitude: -3.7 } },
        '2001:db8::/32': { country: { iso_code: 'US' } },
        '198.51.100.0/24': { continent: { code: 'EU' } },
      }),
    );
    const placeOf = openPlaces(path, silentLogger);
    expect(placeOf('192.0.2.7')).toEqual({ country: 'ES', lat: 40.4, lon: -3.7 });
    expect(placeOf('2001:db8::1')).toEqual({ country: 'US', lat: null, lon: null });
    for (const unknown of ['198.51.100.1', '203.0.113.1', '2001:db9::1', '', 'no address'])
      expect(placeOf(unknown), unknown).toBeNull();
  });

  it('are taken from a newer file, and kept when that cannot be read', () => {
    vi.useFakeTimers();
    writeFileSync(path, makePlaces({ '192.0.2.0/24': { country: { iso_code: 'ES' } } }));
    const placeOf = openPlaces(path, silentLogger);
    writeFileSync(path, 'no such file');
    vi.advanceTimersByTime(601_000);
    expect(placeOf('192.0.2.7')?.country).toBe('ES');
    writeFileSync(path, makePlaces({ '192.0.2.0/24': { country: { iso_code: 'PT' } } }));
    vi.advanceTimersByTime(601_000);
    expect(placeOf('192.0.2.7')?.country).toBe('PT');
    vi.useRealTimers();
  });

  it('are asked for in vain when there is no such file', () => {
    expect(() => openPlaces(join(home, 'none'), silentLogger)).toThrow();
  });
});
