/** The ways of protecting one recipient's copy (SL-2). `waiver` is clear mail on the recipient's recorded wish (SL-12). */
export type Method = 'tls' | 'pgp' | 'smime' | 'pdf' | 'portal' | 'waiver';

export const METHODS: readonly Method[] = ['tls', 'pgp', 'smime', 'pdf', 'portal', 'waiver'];

/** Sensitivity of a message (SL-9), least first. */
export type SensitivityClass = 'ordinary' | 'light' | 'high';

export const CLASSES: readonly SensitivityClass[] = ['ordinary', 'light', 'high'];

/** The highest class that may leave without protection of its own: `high` is for end-to-end methods and the portal. */
export const HIGHEST_UNSEALED: SensitivityClass = 'light';

/** Where a class stands, 0 the least sensitive. */
export function classRank(value: SensitivityClass): number {
  return CLASSES.indexOf(value);
}

/** Streams have their own queues and priorities (HV-4). */
export type Stream = 'transactional' | 'business' | 'marketing';

export const STREAMS: readonly Stream[] = ['transactional', 'business', 'marketing'];

/** Where each stream begins in the queue's order; smaller goes first. A message adds its own priority, 0 to 99. */
export const STREAM_PRIORITY: Readonly<Record<Stream, number>> = {
  transactional: 0,
  business: 100,
  marketing: 200,
};
