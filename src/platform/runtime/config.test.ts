import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigProblem, loadConfig } from './config.ts';

const REPORTS = {
  SEALPOST_TLS_REPORT_DOMAIN: 'Reports.Clinic.test',
  SEALPOST_TLS_REPORT_CONTACT: 'it@clinic.test',
};

describe('loadConfig', () => {
  it('has a default for everything, on loopback only', () => {
    const config = loadConfig({});
    expect(config.home.root).toBe(resolve('.sealpost'));
    expect(config.home.keys).toBe(join(config.home.root, 'keys'));
    expect(config.listen).toEqual({
      address: '127.0.0.1',
      http: 8480,
      portal: 8481,
      submission: 2587,
      submissions: 2465,
      health: { address: '127.0.0.1', port: undefined },
    });
    expect(config.roles).toEqual(['api', 'smtp', 'worker']);
    expect(config.database).toEqual({ url: undefined, poolSize: 10 });
    expect(config.diskReserveBytes).toBe(512 * 1024 * 1024);
    expect(config.rootKey).toEqual({ provider: 'file', path: join(config.home.keys, 'root.key') });
  });

  it('lets an override win over the environment', () => {
    expect(loadConfig({ SEALPOST_HTTP_PORT: '1' }, { SEALPOST_HTTP_PORT: '0' }).listen.http).toBe(0);
    expect(loadConfig({ SEALPOST_HTTP_PORT: '1' }, { SEALPOST_HTTP_PORT: undefined }).listen.http).toBe(1);
  });

  it('reads a value from the file that NAME_FILE names', () => {
    const directory = mkdtempSync(join(tmpdir(), 'sealpost-config-'));
    try {
      const file = join(directory, 'token');
      writeFileSync(file, 'hvs.token\n');
      const config = loadConfig({
        SEALPOST_ROOT_KEY: 'vault',
        SEALPOST_VAULT_ADDR: 'https://vault.test',
        SEALPOST_VAULT_KEY: 'sealpost',
        SEALPOST_VAULT_TOKEN_FILE: file,
      });
      expect(config.rootKey).toMatchObject({ provider: 'vault', token: 'hvs.token' });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  const refused: readonly [string, Record<string, string>][] = [
    ['SEALPOST_HTTP_PORT', { SEALPOST_HTTP_PORT: '65536' }],
    ['SEALPOST_HTTP_PORT', { SEALPOST_HTTP_PORT: '80a' }],
    ['SEALPOST_DB_POOL', { SEALPOST_DB_POOL: '1' }],
    ['SEALPOST_ROLES', { SEALPOST_ROLES: 'api,mail' }],
    ['SEALPOST_LOG_LEVEL', { SEALPOST_LOG_LEVEL: 'loud' }],
    ['SEALPOST_KEYS', { SEALPOST_HOME: '/srv/sp', SEALPOST_KEYS: '/srv/sp/data/keys' }],
    ['SEALPOST_PORTAL_URL', { SEALPOST_PORTAL_URL: 'https://portal.test/path' }],
    ['SEALPOST_PORTAL_URL', { SEALPOST_PORTAL_URL: 'javascript:alert(1)' }],
    ['SEALPOST_SMART_HOST', { SEALPOST_SMART_HOST: 'mail.test' }],
    ['SEALPOST_HTTP_KEY', { SEALPOST_HTTP_CERT: '/x.pem' }],
    ['SEALPOST_VAULT_ADDR', { SEALPOST_ROOT_KEY: 'vault' }],
    ['SEALPOST_ROOT_PASSPHRASE', { SEALPOST_ROOT_KEY: 'passphrase' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://x' }],
    ['SEALPOST_TLS_REPORT_CONTACT', { SEALPOST_TLS_REPORT_DOMAIN: 'reports.clinic.test' }],
    ['SEALPOST_TLS_REPORT_DOMAIN', { SEALPOST_TLS_REPORT_CONTACT: 'it@clinic.test' }],
    ['SEALPOST_TLS_REPORT_DOMAIN', { ...REPORTS, SEALPOST_TLS_REPORT_DOMAIN: 'a.test,b.test' }],
    ['SEALPOST_TLS_REPORT_DOMAIN', { ...REPORTS, SEALPOST_TLS_REPORT_DOMAIN: '-a.test' }],
    ['SEALPOST_TLS_REPORT_DOMAIN', { ...REPORTS, SEALPOST_TLS_REPORT_DOMAIN: `${'a.'.repeat(120)}test` }],
    ['SEALPOST_TLS_REPORT_CONTACT', { ...REPORTS, SEALPOST_TLS_REPORT_CONTACT: 'call us' }],
    ['SEALPOST_INBOUND_NETWORKS', { SEALPOST_INBOUND_NETWORKS: '192.0.2.0/33' }],
    ['SEALPOST_INBOUND_HOST_NETWORKS', { SEALPOST_INBOUND_HOST_NETWORKS: 'mail.clinic.test' }],
    ['SEALPOST_HTP_PORT', { SEALPOST_HTP_PORT: '8480' }],
  ];
  it.each(refused)('refuses %s in %o and names it', (variable, env) => {
    expect(() => loadConfig(env)).toThrow(ConfigProblem);
    expect(() => loadConfig(env)).toThrow(variable);
  });

  it('reports on TLS only where somebody has said who reports', () => {
    expect(loadConfig({}).tlsReports).toBeUndefined();
    expect(loadConfig(REPORTS).tlsReports).toEqual({
      domain: 'reports.clinic.test',
      contact: 'it@clinic.test',
    });
  });

  it('never puts a secret into its complaint', () => {
    const env = { SEALPOST_ROOT_KEY: 'passphrase', SEALPOST_ROOT_PASSPHRASE: 'short-canary' };
    expect(() => loadConfig(env)).toThrow('at least 15 characters');
    expect(() => loadConfig(env)).not.toThrow('short-canary');
    expect(() => loadConfig({ DATABASE_URL: 'pg://u:canary@h/d' })).not.toThrow('canary');
  });

  it('takes no mail from outside unless it is told where', () => {
    expect(loadConfig({}).inbound).toEqual({ port: undefined, networks: [], hostNetworks: [] });
    const env = { SEALPOST_INBOUND_PORT: '25', SEALPOST_INBOUND_NETWORKS: '192.0.2.0/24, 2001:db8::/32' };
    expect(loadConfig(env).inbound).toMatchObject({ port: 25, networks: ['192.0.2.0/24', '2001:db8::/32'] });
  });

  it('reads IPv6 smart hosts', () => {
    expect(loadConfig({ SEALPOST_SMART_HOST: '[::1]:2525' }).smartHost).toMatchObject({
      host: '::1',
      port: 2525,
    });
  });

  it('takes one resolver: one whose word on DNSSEC counts, or another', () => {
    const validating = { SEALPOST_DNS_VALIDATING: '127.0.0.1:5335' };
    expect(loadConfig(validating)).toMatchObject({ validatingDns: '127.0.0.1:5335', dnsServer: undefined });
    expect(() => loadConfig({ ...validating, SEALPOST_DNS: '192.0.2.1' })).toThrow('SEALPOST_DNS_VALIDATING');
  });
});
