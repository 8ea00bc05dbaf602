import type { PolicyDocument, PolicyOverride, Stream, TlsRequirement } from '../../api-types.ts';

export const STREAMS: readonly Stream[] = ['transactional', 'business', 'marketing'];

/** An override while it is edited: `key` is stable while its name is typed. */
export interface Rule extends PolicyOverride {
  readonly key: string;
  readonly name: string;
}

/** The policy while it is edited. */
export interface Draft extends Omit<PolicyDocument, 'streams' | 'domains' | 'recipients'> {
  readonly streams: readonly Rule[];
  readonly domains: readonly Rule[];
  readonly recipients: readonly Rule[];
}

/** A policy as something to edit: only its own fields, not those of its version. */
export function toDraft(policy: PolicyDocument): Draft {
  return {
    methods: policy.methods,
    tls: policy.tls,
    tlsHighestClass: policy.tlsHighestClass === 'high' ? 'light' : policy.tlsHighestClass,
    exclusive: policy.exclusive,
    waivers: policy.waivers,
    triggers: policy.triggers,
    portalExpiryDays: policy.portalExpiryDays,
    giveUpDays: policy.giveUpDays,
    streams: policy.streams.map(({ stream, ...rest }) => ({ ...rest, name: stream, key: stream })),
    domains: policy.domains.map(({ domain, ...rest }) => ({ ...rest, name: domain, key: domain })),
    recipients: policy.recipients.map(({ address, ...rest }) => ({ ...rest, name: address, key: address })),
  };
}

/** Back to the document; rules without a name are dropped. */
export function toDocument(draft: Draft): PolicyDocument {
  const named = (rules: readonly Rule[]) => rules.filter((rule) => rule.name !== '');
  return {
    methods: draft.methods,
    tls: draft.tls,
    tlsHighestClass: draft.tlsHighestClass,
    exclusive: draft.exclusive,
    waivers: draft.waivers,
    triggers: {
      raise: typed(draft.triggers.raise),
      lower: typed(draft.triggers.lower),
      lowering: draft.triggers.lowering,
    },
    portalExpiryDays: draft.portalExpiryDays,
    giveUpDays: draft.giveUpDays,
    streams: draft.streams.flatMap(({ key, name, ...rest }) => {
      const stream = STREAMS.find((one) => one === name);
      return stream ? [{ stream, ...rest }] : [];
    }),
    domains: named(draft.domains).map(({ key, name, ...rest }) => ({ domain: name.toLowerCase(), ...rest })),
    recipients: named(draft.recipients).map(({ key, name, ...rest }) => ({ address: name, ...rest })),
  };
}

/** Lines that hold something, without blanks at their ends. */
function typed(lines: readonly string[]): string[] {
  return lines.map((line) => line.trim()).filter((line) => line !== '');
}

/** Whether the two say the same, whatever the order of their keys. */
export function sameDocument(a: PolicyDocument, b: PolicyDocument): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

/** `1.2 verified`, or empty for "as the organisation has it". */
export function tlsValue(tls: TlsRequirement | null): string {
  return tls === null ? '' : `${tls.minimum} ${tls.authentication}`;
}

export function readTls(value: string): TlsRequirement | null {
  const [minimum, authentication] = value.split(' ');
  if (minimum !== '1.2' && minimum !== '1.3') return null;
  return { minimum, authentication: authentication === 'encrypted-only' ? 'encrypted-only' : 'verified' };
}
