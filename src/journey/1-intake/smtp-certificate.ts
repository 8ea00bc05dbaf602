import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { TlsFiles } from '#platform/runtime';

/** A certificate chain with its key, PEM. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

export type CertificateSource = CertificatePair | TlsFiles;

/** How often files are looked at. Links and renamed files, as renewal tools leave them, are followed. */
const LOOK_MS = 10_000;

/** Reads the pair; a key that does not fit its certificate is a fault here and not at the first handshake. */
export function readCertificate(source: CertificateSource): CertificatePair {
  const pair =
    'cert' in source
      ? source
      : { cert: readFileSync(source.certificate, 'utf8'), key: readFileSync(source.key, 'utf8') };
  createSecureContext({ cert: pair.cert, key: pair.key });
  return pair;
}

/** Calls `changed` after either file has changed; returns the function that ends the watch. */
export function watchCertificate(
  source: CertificateSource,
  changed: () => void,
  everyMs = LOOK_MS,
): () => void {
  if ('cert' in source) return () => undefined;
  const files = [source.certificate, source.key];
  const listener = (now: { readonly mtimeMs: number }, before: { readonly mtimeMs: number }): void => {
    if (now.mtimeMs !== before.mtimeMs) changed();
  };
  for (const file of files) watchFile(file, { interval: everyMs, persistent: false }, listener);
  return () => {
    for (const file of files) unwatchFile(file, listener);
  };
}
