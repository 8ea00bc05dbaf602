import type { DeliveryDetail } from '../../api-types.ts';
import { catalogue } from '../../text/catalogue.ts';

const words = catalogue({
  en: {
    verified: {
      dane: 'verified by DANE',
      'mta-sts': 'verified by MTA-STS',
      pkix: 'certificate verified',
    },
    clear: 'no encryption',
    tries: (count: number) => `${count} attempts`,
  },
});

/** The last attempt's transport in one line: `mx.good-tls.test · TLS 1.3 · TLS_AES_256_GCM_SHA384 · certificate verified`. */
export function transportLine(delivery: Pick<DeliveryDetail, 'attempts'>): string {
  // Going to the portal is an attempt without a connection: the one before it says what was seen.
  const tried = delivery.attempts.filter((attempt) => attempt.host !== null);
  const last = tried.at(-1);
  if (!last) return '';
  const parts = [
    last.host,
    last.tlsVersion ? tlsName(last.tlsVersion) : last.host && words.clear,
    last.cipher,
    last.authenticatedBy === 'none' ? null : words.verified[last.authenticatedBy],
    tried.length > 1 ? words.tries(tried.length) : null,
    last.reply && `${last.reply.code}${last.reply.enhanced ? ` ${last.reply.enhanced}` : ''}`,
  ];
  return parts.filter((part) => part !== null && part !== '').join(' · ');
}

/** The peer's reply as it came, with the enhanced code once: many servers repeat it in their text. */
export function replyText(reply: { code: number; enhanced: string | null; text: string }): string {
  const enhanced =
    reply.enhanced !== null && !reply.text.startsWith(reply.enhanced) ? `${reply.enhanced} ` : '';
  return `${reply.code} ${enhanced}${reply.text}`;
}

/** `TLSv1.3` as Node says it, `1.3`, or `TLS 1.3`: always `TLS 1.3`. */
export function tlsName(version: string): string {
  return `TLS ${version.replace(/^TLS\s*v?/i, '')}`;
}
