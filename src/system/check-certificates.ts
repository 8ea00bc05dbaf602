import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { type Certificate, importCertificates } from '#platform/keyring';
import { type Config, ConfigProblem } from '#platform/runtime';

/** Refuses certificate files that cannot be read, and keys that do not belong to them, before anything listens. */
export function checkCertificates({ tls, roles }: Config): void {
  if (roles.includes('api')) check('SEALPOST_HTTP', tls.http);
  if (roles.includes('smtp')) check('SEALPOST_SMTP', tls.smtp);
}

function check(prefix: string, files: Config['tls']['http']): void {
  if (files === undefined) return;
  const read = (setting: string, path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      throw new ConfigProblem(setting, `${path} cannot be read (${codeOf(error)})`);
    }
  };
  const cert = read(`${prefix}_CERT`, files.certificate);
  const key = read(`${prefix}_KEY`, files.key);
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new ConfigProblem(
      `${prefix}_CERT`,
      `cannot be used together with ${prefix}_KEY (${codeOf(error)})`,
    );
  }
}

/** The authorities of client certificates; null where none are asked for. Throws ConfigProblem for a file without any. */
export function clientAuthorities({ clientCertificates }: Config): readonly Certificate[] | null {
  const { authorities } = clientCertificates;
  if (authorities === undefined) return null;
  let text: string;
  try {
    text = readFileSync(authorities, 'utf8');
  } catch (error) {
    throw new ConfigProblem('SEALPOST_CLIENT_CA', `${authorities} cannot be read (${codeOf(error)})`);
  }
  const read = importCertificates(text);
  const issuers = read.kind === 'read' ? read.value.filter((one) => one.authority !== null) : [];
  if (issuers.length === 0)
    throw new ConfigProblem('SEALPOST_CLIENT_CA', `${authorities} holds no authority's certificate`);
  return issuers;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'no reason given';
}
