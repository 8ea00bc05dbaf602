import { describe, expect, it } from 'vitest';
import { PERMISSIONS } from '#core/actor';
import { newApiKeyText, parseApiKey } from './api-key-format.ts';
import { addressAllowed, isNetwork, networkKey } from './network-key.ts';
import { ROLES, readyRole } from './permissions.ts';

describe('API keys', () => {
  it('carry 256 random bits and read back', () => {
    const keys = Array.from({ length: 200 }, newApiKeyText);
    expect(new Set(keys.map((key) => key.text)).size).toBe(200);
    for (const key of keys) {
      expect(parseApiKey(key.text)).toEqual(key);
      expect(Buffer.from(key.secret, 'base64url')).toHaveLength(32);
    }
  });

  it('are not anything else', () => {
    const { text } = newApiKeyText();
    for (const bad of [
      '',
      'sp_',
      text.slice(1),
      `${text}x`,
      text.toUpperCase(),
      text.replace('sp_', 'sk_'),
    ]) {
      expect(parseApiKey(bad)).toBeNull();
    }
  });
});

describe('networks', () => {
  it('match addresses, ranges and mapped addresses', () => {
    expect(addressAllowed('192.0.2.7', [])).toBe(true);
    expect(addressAllowed('192.0.2.7', ['192.0.2.0/24'])).toBe(true);
    expect(addressAllowed('::ffff:192.0.2.7', ['192.0.2.7'])).toBe(true);
    expect(addressAllowed('198.51.100.1', ['192.0.2.0/24', '2001:db8::/32'])).toBe(false);
    expect(addressAllowed('2001:db8::1', ['2001:db8::/32'])).toBe(true);
    expect(addressAllowed(null, ['0.0.0.0/0'])).toBe(false);
    expect(['10.0.0.0/8', '::1', '10.0.0.0/40', 'here'].map(isNetwork)).toEqual([true, true, false, false]);
  });

  it('count one IPv6 subscriber as one', () => {
    expect(networkKey('2001:db8:1:2:3::9')).toBe(networkKey('2001:db8:1:2:ffff::1'));
    expect(networkKey('2001:db8:1:3::1')).not.toBe(networkKey('2001:db8:1:2::1'));
    expect(networkKey('::ffff:192.0.2.1')).toBe('192.0.2.1');
  });
});

describe('roles', () => {
  it('give nobody the installation, and the administrator everything else', () => {
    for (const role of ROLES) expect(readyRole(role).permissions).not.toContain('installation:operate');
    expect(readyRole('administrator').permissions).toHaveLength(PERMISSIONS.length - 1);
  });

  it('open content to those alone who need it', () => {
    const reading = ROLES.filter((role) => readyRole(role).permissions.includes('messages:read-content'));
    expect(reading).toEqual([
      'administrator',
      'sender',
      'lowering-sender',
      'compliance-officer',
      'physician',
      'nurse',
    ]);
    for (const role of ['marketing', 'front-desk', 'it-administrator'] as const)
      expect(readyRole(role).permissions).not.toContain('messages:read');
  });
});
