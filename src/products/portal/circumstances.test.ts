import { describe, expect, it } from 'vitest';
import { circumstancesChanged, circumstancesOf, networkOf } from './circumstances.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const CHROME =
  'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36';
const EDGE = `${CHROME} Edg/140.0`;
const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1';

describe('circumstances', () => {
  it('reads browser and platform without versions', () => {
    expect(circumstancesOf(FIREFOX, '192.0.2.9')).toEqual({
      browser: 'firefox',
      platform: 'linux',
      network: '192.0.2.0/24',
      country: null,
    });
    expect(circumstancesOf(CHROME, null)).toEqual({
      browser: 'chrome',
      platform: 'windows',
      network: 'unknown',
      country: null,
    });
    expect(circumstancesOf(EDGE, null).browser).toBe('edge');
    expect(circumstancesOf(SAFARI, null)).toMatchObject({ browser: 'safari', platform: 'ios' });
    expect(circumstancesOf(undefined, null)).toMatchObject({ browser: 'other', platform: 'other' });
    expect(circumstancesOf(FIREFOX.replaceAll('140', '141'), '192.0.2.200')).toEqual(
      circumstancesOf(FIREFOX, '192.0.2.9'),
    );
  });

  it('takes /24 and /48', () => {
    expect(networkOf('198.51.100.77')).toBe('198.51.100.0/24');
    expect(networkOf('::ffff:198.51.100.77')).toBe('198.51.100.0/24');
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1::/48');
    expect(networkOf('2001:0DB8:0001::9')).toBe('2001:db8:1::/48');
    expect(networkOf('2001:db8::1')).toBe('2001:db8:0::/48');
    expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0::/48');
    expect(networkOf('::1')).toBe('0:0:0::/48');
    expect(networkOf('nonsense')).toBe('unknown');
  });

  it('reads the country from the file that the operator brought, also of an address in an IPv6 socket', () => {
    const placeOf = (address: string) =>
      address === '192.0.2.9' ? { country: 'DE', lat: null, lon: null } : null;
    expect(circumstancesOf(FIREFOX, '192.0.2.9', placeOf).country).toBe('DE');
    expect(circumstancesOf(FIREFOX, '::ffff:192.0.2.9', placeOf).country).toBe('DE');
    expect(circumstancesOf(FIREFOX, '198.51.100.1', placeOf).country).toBeNull();
    expect(circumstancesOf(FIREFOX, null, placeOf).country).toBeNull();
  });

  it('asks again for another browser, another country, or another system in another network', () => {
    const part = (text: string): Buffer => (text === '' ? Buffer.alloc(16) : Buffer.alloc(16, text));
    const marks = (browser: string, platform: string, network: string, country: string): Buffer =>
      Buffer.concat([browser, platform, network, country].map(part));
    const kept = marks('f', 'l', '1', 'D');
    expect(circumstancesChanged(kept, marks('f', 'l', '1', 'D'))).toBe(false);
    expect(circumstancesChanged(kept, marks('f', 'l', '2', 'D'))).toBe(false);
    expect(circumstancesChanged(kept, marks('f', 'w', '1', 'D'))).toBe(false);
    expect(circumstancesChanged(kept, marks('f', 'w', '2', 'D'))).toBe(true);
    expect(circumstancesChanged(kept, marks('c', 'l', '1', 'D'))).toBe(true);
    expect(circumstancesChanged(kept, marks('f', 'l', '1', 'S'))).toBe(true);
    expect(circumstancesChanged(kept, marks('f', 'l', '1', ''))).toBe(true);
    // No country was known before: the file is new, or the mark is of the release before.
    expect(circumstancesChanged(marks('f', 'l', '1', ''), marks('f', 'l', '2', 'S'))).toBe(false);
    expect(circumstancesChanged(kept.subarray(0, 48), marks('f', 'l', '2', 'S'))).toBe(false);
    expect(circumstancesChanged(kept.subarray(0, 48), marks('c', 'l', '1', 'D'))).toBe(true);
    expect(circumstancesChanged(Buffer.alloc(32), kept)).toBe(true);
    expect(circumstancesChanged(kept, kept.subarray(0, 48))).toBe(true);
  });
});
