import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { type Overrides, VARIABLES, type Variable } from './config-variables.ts';
import { type InboundConfig, isNetwork } from './inbound.ts';
import type { LogLevel } from './logger.ts';
import { readTlsReports, type TlsReportsConfig } from './tls-reports.ts';

/** The parts of the program that a process may run. */
export const ROLES = ['api', 'smtp', 'worker'] as const;
export type Role = (typeof ROLES)[number];

export type RootKeyConfig =
  | { readonly provider: 'file'; readonly path: string }
  | { readonly provider: 'passphrase'; readonly passphrase: string }
  | { readonly provider: 'vault'; readonly address: string; readonly token: string; readonly key: string };

export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
}

export interface SmartHostConfig {
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** Everything that the environment decides. Plain and read-only; holds secrets, so it is never logged or printed. */
export interface Config {
  readonly home: {
    readonly root: string;
    /** Database files and blobs. Backed up as one. */
    readonly data: string;
    /** Root key file and shred-group keys. Never inside `data`: a backup of the data must not bring the keys along. */
    readonly keys: string;
    /** Pid files, sockets, the database's log. Nothing that must be kept. */
    readonly run: string;
    /** Signed checkpoints of the audit log, outside of the database. */
    readonly witness: string;
  };
  readonly database: {
    /** An external server's URL; undefined means the embedded one. */
    readonly url: string | undefined;
    /** Connections of this process, 2 to 500. */
    readonly poolSize: number;
  };
  readonly roles: readonly Role[];
  readonly listen: {
    readonly address: string;
    /** Console, API, health and metrics. Port 0 means any free one, here and below. */
    readonly http: number;
    readonly portal: number;
    /** Submission with STARTTLS. */
    readonly submission: number;
    /** Submission with implicit TLS. */
    readonly submissions: number;
    /** Health and metrics of a process without the api role, which has them on its own port. */
    readonly health: {
      readonly address: string;
      /** Undefined: the usual port, or any free one where that is taken. */
      readonly port: number | undefined;
    };
  };
  readonly inbound: InboundConfig;
  readonly publicUrls: { readonly console: string | undefined; readonly portal: string | undefined };
  /** Addresses or CIDR ranges whose X-Forwarded-For and PROXY lines are believed. */
  readonly trustedProxies: readonly string[];
  /** Lower-case name of the header in which a trusted proxy reports a device's posture. */
  readonly postureHeader: string | undefined;
  readonly rootKey: RootKeyConfig;
  readonly tls: { readonly http: TlsFiles | undefined; readonly smtp: TlsFiles | undefined };
  /** Authorities of client certificates, whether trusted proxies speak for their clients, and what revocation means. */
  readonly clientCertificates: {
    readonly authorities: string | undefined;
    readonly header: boolean;
    readonly revocation: 'off' | 'soft' | 'hard';
  };
  readonly smartHost: SmartHostConfig | undefined;
  /** `address` or `address:port` of the resolver to use instead of the system's. */
  readonly dnsServer: string | undefined;
  /** The same for a resolver that validates DNSSEC and whose word on it counts: DANE is on with it, and off without. */
  readonly validatingDns: string | undefined;
  /** Who reports to mail domains what came of TLS to them (RFC 8460); undefined: no reports are sent. */
  readonly tlsReports: TlsReportsConfig | undefined;
  /** Hosts of OpenPGP key servers that may be asked by HTTPS; each request tells them whom we write to. */
  readonly keyServers: readonly string[];
  /** Own networks in which LDAP directories of organisations may stand, beside public addresses. */
  readonly directoryNetworks: readonly string[];
  /** File of known-breached passwords: sorted lines `SHA-1:count`. */
  readonly breachedPasswords: string | undefined;
  /** File of the countries or cities of network addresses. */
  readonly places: string | undefined;
  readonly signOnNetworks: readonly string[];
  /** Private networks in which organisations' syslog receivers may stand. */
  readonly syslogNetworks: readonly string[];
  /** Below this many free bytes intake answers 452 or 503. */
  readonly diskReserveBytes: number;
  readonly logLevel: LogLevel;
  /** Deliveries a worker runs at the same time, 1 to 1,000. */
  readonly workerConcurrency: number;
}

/** A setting that cannot be used. The text names the variable and what it should be, never a secret's value. */
export class ConfigProblem extends Error {
  override readonly name = 'ConfigProblem';
  readonly code = 'CONFIG';
  readonly variable: string;
  constructor(variable: string, expectation: string) {
    super(`${variable}: ${expectation}`);
    this.variable = variable;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/**
 * Reads and checks all settings. Throws ConfigProblem for the first one that cannot be used, and for a variable that
 * starts with SEALPOST_ and is not known: a misspelt setting must not silently mean its default.
 */
export function loadConfig(env: Environment = processEnvironment(), overrides: Overrides = {}): Config {
  const settings = new Settings({ ...env, ...definedOnly(overrides) });
  settings.refuseUnknown();

  const root = resolve(settings.text('SEALPOST_HOME') ?? '.sealpost');
  const data = join(root, 'data');
  const keys = resolve(settings.text('SEALPOST_KEYS') ?? join(root, 'keys'));
  if (lies(keys, data)) throw new ConfigProblem('SEALPOST_KEYS', 'must not lie inside the data directory');

  const smartHost = settings.hostAndPort('SEALPOST_SMART_HOST');

  return {
    home: { root, data, keys, run: join(root, 'run'), witness: join(root, 'witness') },
    database: { url: settings.databaseUrl(), poolSize: settings.integer('SEALPOST_DB_POOL', 10, 2, 500) },
    roles: settings.roles(),
    listen: {
      address: settings.text('SEALPOST_BIND') ?? '127.0.0.1',
      http: settings.integer('SEALPOST_HTTP_PORT', 8480, 0, 65535),
      portal: settings.integer('SEALPOST_PORTAL_PORT', 8481, 0, 65535),
      submission: settings.integer('SEALPOST_SUBMISSION_PORT', 2587, 0, 65535),
      submissions: settings.integer('SEALPOST_SUBMISSIONS_PORT', 2465, 0, 65535),
      health: {
        address: settings.text('SEALPOST_HEALTH_BIND') ?? '127.0.0.1',
        port: settings.port('SEALPOST_HEALTH_PORT'),
      },
    },
    inbound: {
      port: settings.port('SEALPOST_INBOUND_PORT'),
      networks: settings.networks('SEALPOST_INBOUND_NETWORKS'),
      hostNetworks: settings.networks('SEALPOST_INBOUND_HOST_NETWORKS'),
    },
    publicUrls: {
      console: settings.webAddress('SEALPOST_CONSOLE_URL'),
      portal: settings.webAddress('SEALPOST_PORTAL_URL'),
    },
    trustedProxies: settings.list('SEALPOST_TRUSTED_PROXIES'),
    postureHeader: settings.text('SEALPOST_POSTURE_HEADER')?.toLowerCase(),
    rootKey: settings.rootKey(join(keys, 'root.key')),
    tls: {
      http: settings.tlsFiles('SEALPOST_HTTP_CERT', 'SEALPOST_HTTP_KEY'),
      smtp: settings.tlsFiles('SEALPOST_SMTP_CERT', 'SEALPOST_SMTP_KEY'),
    },
    clientCertificates: settings.clientCertificates(),
    smartHost:
      smartHost === undefined
        ? undefined
        : {
            ...smartHost,
            user: settings.text('SEALPOST_SMART_HOST_USER'),
            password: settings.text('SEALPOST_SMART_HOST_PASSWORD'),
          },
    dnsServer: settings.text('SEALPOST_DNS'),
    validatingDns: settings.validatingDns(),
    tlsReports: settings.tlsReports(),
    breachedPasswords: settings.text('SEALPOST_BREACHED_PASSWORDS'),
    places: settings.text('SEALPOST_PLACES'),
    keyServers: settings.hostNames('SEALPOST_KEY_SERVERS'),
    directoryNetworks: settings.list('SEALPOST_DIRECTORY_NETWORKS'),
    signOnNetworks: settings.list('SEALPOST_SIGN_ON_NETWORKS'),
    syslogNetworks: settings.networks('SEALPOST_SYSLOG_NETWORKS'),
    diskReserveBytes: settings.integer('SEALPOST_DISK_RESERVE_MB', 512, 0, 10_000_000) * 1024 * 1024,
    logLevel: settings.oneOf('SEALPOST_LOG_LEVEL', LOG_LEVELS, 'info'),
    workerConcurrency: settings.integer('SEALPOST_WORKER_CONCURRENCY', 32, 1, 1000),
  };
}

/** The environment of this process. Nothing else in the program reads it. */
export function processEnvironment(): Environment {
  return process.env;
}

function definedOnly(overrides: Overrides): Environment {
  return Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
}

function lies(inner: string, outer: string): boolean {
  const path = relative(outer, inner);
  return path === '' || (!path.startsWith('..') && !isAbsolute(path));
}

/** Reads single settings, each with its check and its complaint. */
class Settings {
  readonly #env: Environment;
  constructor(env: Environment) {
    this.#env = env;
  }

  refuseUnknown(): void {
    for (const name of Object.keys(this.#env)) {
      if (!name.startsWith('SEALPOST_') || name.startsWith('SEALPOST_TEST_')) continue;
      const plain = name.endsWith('_FILE') ? name.slice(0, -'_FILE'.length) : name;
      if (!Object.hasOwn(VARIABLES, plain)) throw new ConfigProblem(name, 'is not a setting of Sealpost');
    }
  }

  /** The value; from the file that NAME_FILE names when that is set, as container secrets are given. */
  text(name: Variable): string | undefined {
    const direct = this.#env[name]?.trim();
    if (direct !== undefined && direct !== '') return direct;
    const path = this.#env[`${name}_FILE`]?.trim();
    if (path === undefined || path === '') return undefined;
    if (!existsSync(path)) throw new ConfigProblem(`${name}_FILE`, 'names a file that does not exist');
    return readFileSync(path, 'utf8').trim();
  }

  integer(name: Variable, fallback: number, least: number, most: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) {
      throw new ConfigProblem(name, `must be a whole number from ${least} to ${most}`);
    }
    return value;
  }

  /** Undefined where none is set. */
  port(name: Variable): number | undefined {
    return this.text(name) === undefined ? undefined : this.integer(name, 0, 0, 65535);
  }

  oneOf<const Value extends string>(name: Variable, values: readonly Value[], fallback: Value): Value {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const found = values.find((value) => value === text);
    if (found === undefined) throw new ConfigProblem(name, `must be one of ${values.join(', ')}`);
    return found;
  }

  list(name: Variable): readonly string[] {
    const parts = this.text(name)?.split(',') ?? [];
    return parts.map((part) => part.trim()).filter((part) => part !== '');
  }

  networks(name: Variable): readonly string[] {
    const ranges = this.list(name);
    if (ranges.every(isNetwork)) return ranges;
    throw new ConfigProblem(name, 'must be a list of addresses or CIDR ranges');
  }

  hostNames(name: Variable): readonly string[] {
    const hosts = this.list(name).map((host) => host.toLowerCase());
    if (hosts.some((host) => !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host))) {
      throw new ConfigProblem(name, 'must be a list of host names');
    }
    return hosts;
  }

  roles(): readonly Role[] {
    const wanted = this.list('SEALPOST_ROLES');
    if (wanted.length === 0) return ROLES;
    for (const name of wanted) {
      if (!ROLES.some((role) => role === name)) {
        throw new ConfigProblem('SEALPOST_ROLES', `must be a list of ${ROLES.join(', ')}`);
      }
    }
    return ROLES.filter((role) => wanted.includes(role));
  }

  /** Two resolvers would be two opinions on the same name: one of them is asked for everything. */
  validatingDns(): string | undefined {
    const text = this.text('SEALPOST_DNS_VALIDATING');
    if (text !== undefined && this.text('SEALPOST_DNS') !== undefined) {
      throw new ConfigProblem('SEALPOST_DNS_VALIDATING', 'takes the place of SEALPOST_DNS: set one of them');
    }
    return text;
  }

  tlsReports(): TlsReportsConfig | undefined {
    const names = this.hostNames('SEALPOST_TLS_REPORT_DOMAIN');
    const read = readTlsReports(names, this.text('SEALPOST_TLS_REPORT_CONTACT'));
    if (read.kind === 'wrong') throw new ConfigProblem(read.variable, read.expectation);
    return read.kind === 'on' ? read.reports : undefined;
  }

  databaseUrl(): string | undefined {
    const text = this.text('DATABASE_URL');
    if (text === undefined) return undefined;
    if (!/^postgres(ql)?:\/\//.test(text)) {
      throw new ConfigProblem('DATABASE_URL', 'must start with postgres:// or postgresql://');
    }
    return text;
  }

  webAddress(name: Variable): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) {
      throw new ConfigProblem(name, 'must be an http or https address');
    }
    if (url.username !== '' || url.search !== '' || url.hash !== '' || url.pathname !== '/') {
      throw new ConfigProblem(name, 'must hold scheme, host and port only');
    }
    return url.origin;
  }

  hostAndPort(name: Variable): { readonly host: string; readonly port: number } | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const match = /^(\[[0-9a-f:.]+\]|[^\s:/@]+):(\d{1,5})$/i.exec(text);
    const port = Number(match?.[2]);
    if (match?.[1] === undefined || port < 1 || port > 65535) {
      throw new ConfigProblem(name, 'must be host:port');
    }
    return { host: match[1].replace(/^\[|\]$/g, ''), port };
  }

  clientCertificates(): Config['clientCertificates'] {
    const authorities = this.#path('SEALPOST_CLIENT_CA');
    const header = this.oneOf('SEALPOST_CLIENT_CERT_HEADER', ['on', 'off'], 'off') === 'on';
    if (header && authorities === undefined)
      throw new ConfigProblem('SEALPOST_CLIENT_CA', 'is needed with SEALPOST_CLIENT_CERT_HEADER');
    if (header && this.list('SEALPOST_TRUSTED_PROXIES').length === 0)
      throw new ConfigProblem('SEALPOST_TRUSTED_PROXIES', 'is needed with SEALPOST_CLIENT_CERT_HEADER');
    const revocation = this.oneOf('SEALPOST_CLIENT_REVOCATION', ['off', 'soft', 'hard'], 'soft');
    return { authorities, header, revocation };
  }

  tlsFiles(certificateName: Variable, keyName: Variable): TlsFiles | undefined {
    const certificate = this.#path(certificateName);
    const key = this.#path(keyName);
    if (certificate === undefined && key === undefined) return undefined;
    if (certificate === undefined) throw new ConfigProblem(certificateName, `is needed with ${keyName}`);
    if (key === undefined) throw new ConfigProblem(keyName, `is needed with ${certificateName}`);
    return { certificate, key };
  }

  rootKey(file: string): RootKeyConfig {
    const provider = this.oneOf('SEALPOST_ROOT_KEY', ['file', 'passphrase', 'vault'], 'file');
    switch (provider) {
      case 'file':
        return { provider, path: file };
      case 'passphrase': {
        const passphrase = this.#required('SEALPOST_ROOT_PASSPHRASE', 'SEALPOST_ROOT_KEY=passphrase');
        if (passphrase.length < 15) {
          throw new ConfigProblem('SEALPOST_ROOT_PASSPHRASE', 'must have at least 15 characters');
        }
        return { provider, passphrase };
      }
      case 'vault': {
        const address = this.#required('SEALPOST_VAULT_ADDR', 'SEALPOST_ROOT_KEY=vault');
        if (!URL.canParse(address) || !/^https?:/.test(address)) {
          throw new ConfigProblem('SEALPOST_VAULT_ADDR', 'must be an http or https address');
        }
        return {
          provider,
          address,
          token: this.#required('SEALPOST_VAULT_TOKEN', 'SEALPOST_ROOT_KEY=vault'),
          key: this.#required('SEALPOST_VAULT_KEY', 'SEALPOST_ROOT_KEY=vault'),
        };
      }
    }
  }

  #required(name: Variable, because: string): string {
    const text = this.text(name);
    if (text === undefined) throw new ConfigProblem(name, `is needed with ${because}`);
    return text;
  }

  #path(name: Variable): string | undefined {
    const direct = this.#env[name]?.trim();
    return direct === undefined || direct === '' ? undefined : resolve(direct);
  }
}
