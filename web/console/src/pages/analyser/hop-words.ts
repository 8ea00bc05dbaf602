import type { Hop } from '../../api-types.ts';
import { analyserText as words } from '../../text/analyser.ts';
import { tlsName } from '../message/transport-line.ts';

/** The name by which one end of a hop is shown: what the receiver looked up, else what was claimed, else the address. */
export function peerName({ from, verdict }: Pick<Hop, 'from' | 'verdict'>): string {
  if (from.resolvedName !== null) return from.resolvedName;
  if (from.claimedName !== null) return from.claimedName;
  if (from.address !== null) return from.address;
  return verdict.basis === 'local-program' ? words.localProgram : words.unknown;
}

export function receiverName({ by }: Pick<Hop, 'by'>): string {
  return by.name ?? by.address ?? words.unknown;
}

/** Version, cipher and strength in one line; empty where the line tells nothing. */
export function tlsLine({ tls }: Pick<Hop, 'tls'>): string {
  if (tls === null) return '';
  const parts = [
    tls.version === null ? words.versionNotTold : versionName(tls.version),
    tls.cipher,
    tls.bits === null ? null : words.bits(tls.bits),
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

/** `TLSv1` is TLS 1.0: without its second digit it would read as any version. */
function versionName(version: string): string {
  if (!version.startsWith('TLS')) return version;
  return version === 'TLSv1' ? 'TLS 1.0' : tlsName(version);
}

/** `+3 s`, `−12 s`, `+5 min`; empty when it is not known. */
export function delayText(seconds: number | null): string {
  if (seconds === null) return '';
  return `${seconds < 0 ? '−' : '+'}${spanText(Math.abs(seconds))}`;
}

/** A span of time, short: `3 s`, `5 min`, `2 h 10 min`, `3 d`. */
export function spanText(seconds: number): string {
  const whole = Math.round(Math.abs(seconds));
  if (whole < 120) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.round(hours / 24)} d`;
}
