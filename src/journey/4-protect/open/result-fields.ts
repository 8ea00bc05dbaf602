import type { InboundFacts } from '#core/message';
import { formatField, type HeaderField, parseHeader } from '#platform/mail';
import type { Found } from './open-inbound.ts';

/** Set by each Sealpost that a message came in by; who passes it on must let it stand: loops are found by it. */
export const INBOUND_MARK = 'x-sealpost-inbound';

/** Fields that the transport writes: they tell the way of the message, not what it is. */
const TRACE: ReadonlySet<string> = new Set(['received', 'x-received', 'return-path', INBOUND_MARK]);

/**
 * What is taken out of whatever came, outside and inside of an encryption: fields that only we may write, and verdicts
 * in our name (RFC 8601 §5). Left in, they would be a stranger's word in our voice.
 */
function isOurs({ key, value }: HeaderField, hostName: string): boolean {
  if (key.startsWith('x-sealpost-')) return key !== INBOUND_MARK;
  return key === 'authentication-results' && authority(value) === hostName.toLowerCase();
}

/** The authserv-id at the start of a value, comments and quotes aside. */
function authority(value: string): string {
  const plain = value.replace(/\([^)]*\)/g, ' ').trim();
  return (/^"?([^\s;"/]+)/.exec(plain)?.[1] ?? '').toLowerCase();
}

/** The header of what came, without what is ours to write. */
export function withoutOurs(header: Buffer, hostName: string): Buffer {
  return keepFields(header, (field) => !isOurs(field, hostName));
}

/** Of an outer header whose message brought a protected one along: the trace alone. */
export function traceOf(header: Buffer): Buffer {
  return keepFields(header, ({ key }) => TRACE.has(key));
}

/** Of a protected header: everything but trace, which only the outside can know. */
export function withoutTrace(header: Buffer): Buffer {
  return keepFields(header, ({ key }) => !TRACE.has(key));
}

function keepFields(header: Buffer, keep: (field: HeaderField) => boolean): Buffer {
  const kept = parseHeader(header).fields.filter(keep);
  return Buffer.concat(kept.map(({ start, end }) => header.subarray(start, end)));
}

/** The fields that tell the recipient's mail system what was found, in a namespace of their own. */
export function resultFields(found: Found, facts: InboundFacts | null, hostName: string): Buffer {
  const lines = [formatField('X-Sealpost-Inbound', hostName)];
  if (found.kind !== 'plain') lines.push(formatField('X-Sealpost-Protection', protectionText(found)));
  if (facts !== null) {
    // RFC 8601 knows no word for what could not be reached but these two; which of them is of no use here.
    const word = (verdict: string) => (verdict === 'error' ? 'temperror' : verdict);
    const { spf, dkim, dmarc } = facts;
    const verdicts = `${hostName}; spf=${word(spf)}; dkim=${word(dkim)}; dmarc=${word(dmarc)}`;
    lines.push(formatField('Authentication-Results', verdicts));
  }
  return Buffer.from(lines.join(''));
}

function protectionText(found: Exclude<Found, { kind: 'plain' }>): string {
  if (found.kind === 'left-sealed') return `left-sealed; by=${found.by}; reason=${found.why}`;
  const { state, reason } = found.signature;
  const why = reason === null ? '' : `; reason=${reason}`;
  return `${found.kind}; by=${found.by}; signature=${state}${why}`;
}
