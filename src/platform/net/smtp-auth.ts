import type { SmtpReply } from '#core/transport';
import type { LostCode, SmtpWire } from './smtp-wire.ts';

export interface SmtpCredentials {
  readonly user: string;
  readonly password: string;
}

export type Authenticated =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly reply: SmtpReply }
  | { readonly kind: 'lost'; readonly code: LostCode };

/** AUTH PLAIN (RFC 4616), or LOGIN where only that is offered. To be called on a verified TLS session only. */
export async function authenticate(
  wire: SmtpWire,
  mechanisms: readonly string[],
  { user, password }: SmtpCredentials,
  timeoutMs: number,
): Promise<Authenticated> {
  const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
  const steps = mechanisms.includes('PLAIN')
    ? [`AUTH PLAIN ${base64(`\0${user}\0${password}`)}`]
    : mechanisms.includes('LOGIN')
      ? ['AUTH LOGIN', base64(user), base64(password)]
      : null;
  if (steps === null) {
    return {
      kind: 'refused',
      reply: { code: 504, enhanced: '5.5.4', text: 'no known AUTH mechanism offered' },
    };
  }
  for (const [index, step] of steps.entries()) {
    wire.write(`${step}\r\n`);
    const { replies, lost } = await wire.hear(1, timeoutMs);
    const reply = replies[0];
    if (reply === undefined) return { kind: 'lost', code: lost ?? 'connection-lost' };
    const wanted = index === steps.length - 1 ? 235 : 334;
    if (reply.code !== wanted) return { kind: 'refused', reply };
  }
  return { kind: 'done' };
}
