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
    });
    expect(circumstancesOf(CHROME, null)).toEqual({
      browser: 'chrome',
      platform: 'windows',
      network: 'unknown',
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

  it('asks again for another browser, or for another system in another network', () => {
    const part = (text: string): Buffer => Buffer.alloc(16, text);
    const marks = (browser: string, platform: string, network: string): Buffer =>
      Buffer.concat([part(browser), part(platform), part(network)]);
    const kept = marks('f', 'l', '1');
    expect(circumstancesChanged(kept, marks('f', 'l', '1'))).toBe(false);
    expect(circumstancesChanged(kept, marks('f', 'l', '2'))).toBe(false);
    expect(circumstancesChanged(kept, marks('f', 'w', '1'))).toBe(false);
    expect(circumstancesChanged(kept, marks('f', 'w', '2'))).toBe(true);
    expect(circumstancesChanged(kept, marks('c', 'l', '1'))).toBe(true);
    expect(circumstancesChanged(Buffer.alloc(32), kept)).toBe(true);
  });
});
