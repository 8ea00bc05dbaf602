import { INBOUND_VARIABLES } from './inbound.ts';

/** Variables that are read, with what they mean; `sealpost help` prints them and unknown SEALPOST_ ones are refused. */
export const VARIABLES = {
  DATABASE_URL: 'external PostgreSQL 18 (postgres://…); without it the embedded one is started',
  SEALPOST_HOME: 'directory of data, keys and run files (default ./.sealpost)',
  SEALPOST_KEYS: 'directory of the key files (default <home>/keys), never inside <home>/data',
  SEALPOST_DB_POOL: 'database connections of this process (default 10)',
  SEALPOST_ROLES: 'api,smtp,worker: what this process runs (default all)',
  SEALPOST_BIND: 'address to listen on (default 127.0.0.1)',
  SEALPOST_HTTP_PORT: 'console, API and metrics (default 8480; 0 = any free)',
  SEALPOST_PORTAL_PORT: "recipients' portal (default 8481)",
  SEALPOST_SUBMISSION_PORT: 'SMTP submission with STARTTLS (default 2587)',
  SEALPOST_SUBMISSIONS_PORT: 'SMTP submission with implicit TLS (default 2465)',
  ...INBOUND_VARIABLES,
  SEALPOST_HEALTH_PORT:
    'health and metrics of a process without the api role (default 8482, or any free one where that is taken)',
  SEALPOST_HEALTH_BIND: 'address for them (default 127.0.0.1)',
  SEALPOST_CONSOLE_URL: 'public address of the console',
  SEALPOST_PORTAL_URL: 'public address of the portal, as written into notices',
  SEALPOST_TRUSTED_PROXIES: 'addresses or CIDR ranges of proxies in front, separated by commas',
  SEALPOST_POSTURE_HEADER:
    'header in which a trusted proxy says `compliant` or not of a device (default: none is believed)',
  SEALPOST_ROOT_KEY: 'file, passphrase or vault (default file)',
  SEALPOST_ROOT_PASSPHRASE: 'passphrase of the root key, at least 15 characters',
  SEALPOST_VAULT_ADDR: 'address of HashiCorp Vault or OpenBao',
  SEALPOST_VAULT_TOKEN: 'token for its transit engine',
  SEALPOST_VAULT_KEY: 'name of the transit key',
  SEALPOST_HTTP_CERT: 'certificate file for HTTPS',
  SEALPOST_HTTP_KEY: 'key file for HTTPS',
  SEALPOST_CLIENT_CA:
    'file of the authorities (PEM) whose client certificates are asked for on the console’s and API’s HTTPS and on SMTP submission',
  SEALPOST_CLIENT_CERT_HEADER:
    'on: take a client certificate from the Client-Cert header (RFC 9440) of SEALPOST_TRUSTED_PROXIES, which must remove it from what clients send (default off)',
  SEALPOST_CLIENT_REVOCATION:
    'whether client certificates are asked for by OCSP and CRL: soft (a revoked one is refused, silence is not minded), hard (silence refuses too) or off (default soft)',
  SEALPOST_SMTP_CERT: 'certificate file for SMTP submission',
  SEALPOST_SMTP_KEY: 'key file for SMTP submission',
  SEALPOST_SMART_HOST: 'host:port that takes all outgoing mail',
  SEALPOST_SMART_HOST_USER: 'user at the smart host',
  SEALPOST_SMART_HOST_PASSWORD: 'password at the smart host',
  SEALPOST_DNS: 'resolver to ask instead of the system (address or address:port)',
  SEALPOST_DNS_VALIDATING:
    'resolver that validates DNSSEC, on loopback or a path that you vouch for; used in place of SEALPOST_DNS, turns DANE on',
  SEALPOST_TLS_REPORT_DOMAIN:
    'domain that TLS reports (RFC 8460) come from and are signed by; without it none are sent',
  SEALPOST_TLS_REPORT_CONTACT: 'mail address told in TLS reports, needed with it',
  SEALPOST_KEY_SERVERS:
    'hosts of OpenPGP key servers to ask for recipients’ keys, separated by commas (default none)',
  SEALPOST_DIRECTORY_NETWORKS:
    'addresses or CIDR ranges of your own networks in which LDAP directories may be asked, separated by commas (default none)',
  SEALPOST_BREACHED_PASSWORDS:
    'file of known-breached passwords to refuse: sorted lines of SHA-1 in hexadecimal, as HASH:count (default none)',
  SEALPOST_SIGN_ON_NETWORKS:
    'addresses or CIDR ranges of your own networks in which identity providers may be asked, separated by commas (default none)',
  SEALPOST_SYSLOG_NETWORKS:
    'addresses or CIDR ranges of your own networks in which syslog receivers may stand, separated by commas (default none)',
  SEALPOST_PLACES:
    'file in the MaxMind DB format with the countries (or cities) of network addresses, for rules and alerts (default none)',
  SEALPOST_DISK_RESERVE_MB: 'below this many free megabytes nothing more is accepted (default 512)',
  SEALPOST_LOG_LEVEL: 'debug, info, warn or error (default info)',
  SEALPOST_WORKER_CONCURRENCY: 'deliveries at the same time (default 32)',
} as const;
export type Variable = keyof typeof VARIABLES;

/** What a caller (command line, test) decides over the environment, by variable name. */
export type Overrides = { readonly [Name in Variable]?: string | undefined };
