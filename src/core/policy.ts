import type { TlsRequirement } from './decision.ts';
import type { Method, SensitivityClass, Stream } from './method.ts';

/**
 * An organisation's protection policy: one immutable, numbered document. `portal` is always appended as the last
 * resort unless `exclusive` forbids it, because SL-4 says that it is always possible.
 */
export interface Policy {
  readonly version: number;
  readonly methods: readonly Method[];
  readonly tls: TlsRequirement;
  /** The highest class that TLS alone may carry (SL-9); `high` never goes by TLS alone, whatever stands here. */
  readonly tlsHighestClass: SensitivityClass;
  /** True: where the listed methods fail, do not deliver, and say so (the users' "exclusive" TLS mode). */
  readonly exclusive: boolean;
  readonly waivers: WaiverPolicy;
  readonly triggers: TriggerPolicy;
  /** Narrower than the organisation, wider than a domain: at most one rule a stream. */
  readonly streams: readonly StreamOverride[];
  readonly domains: readonly DomainOverride[];
  readonly recipients: readonly RecipientOverride[];
  /** Days until the portal copy is destroyed, 1 to 365. */
  readonly portalExpiryDays: number;
  /** Days until an undeliverable message is given up, 1 to 5 by RFC 5321 §4.5.4.1. */
  readonly giveUpDays: number;
}

/** Whether a recipient's recorded waiver is heeded at all, and for what (SL-12). */
export interface WaiverPolicy {
  readonly enabled: boolean;
  /** The highest class that a waiver opens; `high` never is. */
  readonly highestClass: SensitivityClass;
}

/** Words in a subject that change one message's protection (SL-10). They are taken out before it is stored. */
export interface TriggerPolicy {
  /** These make the message one of the high class: portal or end-to-end. Always heeded. */
  readonly raise: readonly string[];
  /** These lower it to what verified TLS may carry, where `lowering` is true. */
  readonly lower: readonly string[];
  readonly lowering: boolean;
}

export interface PolicyOverride {
  readonly methods: readonly Method[] | null;
  readonly tls: TlsRequirement | null;
  readonly exclusive: boolean | null;
}

export interface StreamOverride extends PolicyOverride {
  readonly stream: Stream;
}

export interface DomainOverride extends PolicyOverride {
  /** Lower-case A-labels; matches the domain itself and, with a leading `*.`, everything below it. */
  readonly domain: string;
}

export interface RecipientOverride extends PolicyOverride {
  /** Full address in lower-case domain form. PHI: policy documents are sealed at rest. */
  readonly address: string;
}

/** What a new organisation starts with. */
export const DEFAULT_POLICY: Policy = {
  version: 1,
  methods: ['tls', 'portal'],
  tls: { minimum: '1.2', authentication: 'verified' },
  tlsHighestClass: 'light',
  exclusive: false,
  waivers: { enabled: false, highestClass: 'ordinary' },
  triggers: { raise: ['[secure]'], lower: [], lowering: false },
  streams: [],
  domains: [],
  recipients: [],
  portalExpiryDays: 30,
  giveUpDays: 5,
};
