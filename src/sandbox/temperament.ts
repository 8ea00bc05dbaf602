import type { Credentials } from './certificates.ts';

/** How a scripted peer behaves. A test may change it while it runs; the next command sees the change. */
export interface Temperament {
  /**
   * `offered`; `hidden`: not advertised, and refused when asked; `refused`: advertised, then 454; `injected`: a
   * reply follows 220 in clear, as an attacker on the path would add it.
   */
  readonly startTls: 'offered' | 'hidden' | 'refused' | 'injected';
  readonly credentials: Credentials;
  /** Newest TLS version spoken. */
  readonly tlsMaximum: 'TLSv1' | 'TLSv1.2' | 'TLSv1.3';
  /** EHLO keywords beside STARTTLS. */
  readonly capabilities: readonly string[];
  /** Greeting; another code than 220 ends the connection. */
  readonly greeting: string;
  /** Milliseconds before each reply. */
  readonly delayMs: number;
  /** Reply to RCPT; null accepts. `nth` counts this recipient's tries, from 1. */
  recipient(address: string, nth: number): string | null;
  /** What happens to content: taken; connection dropped in the middle of it; or after its end, before the reply. */
  readonly content: 'taken' | 'dropped-midway' | 'dropped-after-end' | 'refused';
  /** False: content is thrown away and counted. */
  readonly keepsMail: boolean;
  /** Octets are recorded (off for the sink, which must be fast). */
  readonly records: boolean;
  /** Connections that behave well before `change` applies; null for never. */
  readonly turns: { readonly after: number; readonly change: Partial<Temperament> } | null;
  /** Messages on one connection before it is ended, with 421 or without a word. */
  readonly endsAfter: { readonly messages: number; readonly silently: boolean } | null;
  /** Octets; larger messages are refused at MAIL and at their end. Null: no bound. */
  readonly size: number | null;
  /** User and password of AUTH; null: not offered. */
  readonly auth: { readonly user: string; readonly password: string; readonly mechanisms: string } | null;
}

const NOBODY = '550 5.1.1 no such user here';

/** Refuses unknown users: those whose local part starts with "nobody". */
export function refuseNobody(address: string): string | null {
  return address.toLowerCase().startsWith('nobody') ? NOBODY : null;
}

export function wellBehaved(credentials: Credentials): Temperament {
  return {
    startTls: 'offered',
    credentials,
    tlsMaximum: 'TLSv1.3',
    capabilities: ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES'],
    greeting: '220 ready',
    delayMs: 0,
    recipient: refuseNobody,
    content: 'taken',
    keepsMail: true,
    records: true,
    turns: null,
    endsAfter: null,
    size: 52_428_800,
    auth: null,
  };
}
