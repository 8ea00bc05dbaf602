/** What a peer offered in its last EHLO reply (RFC 5321 §4.1.1.1). */
export interface Capabilities {
  readonly startTls: boolean;
  readonly pipelining: boolean;
  readonly eightBitMime: boolean;
  readonly smtpUtf8: boolean;
  /** RFC 8689: passes the demand for verified TLS on. */
  readonly requireTls: boolean;
  /** RFC 1870: largest message in octets; null when not offered or without a bound. */
  readonly size: number | null;
  readonly sizeOffered: boolean;
  /** Upper-case SASL mechanism names. */
  readonly auth: readonly string[];
}

/** Reads the lines after the first of an EHLO reply. HELO's reply has none: nothing is offered. */
export function readCapabilities(replyText: string): Capabilities {
  const keywords = new Map<string, string>();
  for (const line of replyText.split('\n').slice(1)) {
    const [keyword = '', ...parameters] = line.trim().split(/\s+/);
    keywords.set(keyword.toUpperCase(), parameters.join(' '));
  }
  const size = Number(keywords.get('SIZE') ?? '');
  return {
    startTls: keywords.has('STARTTLS'),
    pipelining: keywords.has('PIPELINING'),
    eightBitMime: keywords.has('8BITMIME'),
    smtpUtf8: keywords.has('SMTPUTF8'),
    requireTls: keywords.has('REQUIRETLS'),
    sizeOffered: keywords.has('SIZE'),
    size: Number.isSafeInteger(size) && size > 0 ? size : null,
    auth: (keywords.get('AUTH') ?? '').toUpperCase().split(' ').filter(Boolean),
  };
}
