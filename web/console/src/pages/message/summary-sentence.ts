import type { Decision, DeliveryState, Method } from '../../api-types.ts';
import { catalogue } from '../../text/catalogue.ts';
import { failureWords, reasonWords } from '../../text/decisions.ts';

/** What the sentence is made of. */
export interface SentenceFacts {
  readonly state: DeliveryState;
  readonly method: Method | 'none' | null;
  readonly decision: Decision | null;
}

const words = catalogue({
  en: {
    start: {
      queued: 'On its way',
      deferred: 'Not delivered yet; it will be tried again',
      held: 'Held',
      delivered: 'Delivered',
      'portal-waiting': 'Waiting in the portal',
      'portal-read': 'Read in the portal',
      bounced: 'Not delivered: the recipient’s server refused it',
      expired: 'Not delivered: the time to try was over',
      'not-delivered': 'Not delivered, as the policy demands',
      cancelled: 'Cancelled before it was sent',
      retracted: 'Taken back from the portal',
    } satisfies Record<DeliveryState, string>,
    unread: 'Not read: it waited in the portal until its time was over, and was deleted; the sender was told',
    over: {
      tls: ' over verified TLS',
      pgp: ' sealed with PGP',
      smime: ' sealed with S/MIME',
      pdf: ' as a sealed PDF',
      waiver: ' in plain mail, as the recipient had asked',
    },
    because: (why: string) => `, because ${why}`,
  },
});

/**
 * One plain sentence for a recipient: what happened, and why it was not the first method. "Waiting in the portal,
 * because mx.no-tls.test offered no encryption."
 */
export function summarySentence(facts: SentenceFacts): string {
  const unread = facts.state === 'expired' && facts.method === 'portal';
  const start = unread ? words.unread : words.start[facts.state];
  const over =
    facts.state === 'delivered' && facts.method !== null && facts.method in words.over
      ? words.over[facts.method as keyof typeof words.over]
      : '';
  return `${start}${over}${because(facts)}`.replace(/[.:]?$/, '.');
}

const EXPLAINED: readonly DeliveryState[] = ['portal-waiting', 'portal-read', 'not-delivered', 'held'];

function because({ state, decision }: SentenceFacts): string {
  if (!EXPLAINED.includes(state) || !decision) return '';
  const failed = decision.reasons.find((reason) => reason.code === 'method-failed');
  if (failed) return words.because(failureWords(String(failed.parameters.failure ?? ''), failed.parameters));
  const forbidden = decision.reasons.find((reason) => reason.code === 'class-forbids-tls');
  if (!forbidden) return '';
  const sentence = reasonWords(forbidden.code, forbidden.parameters);
  return words.because(sentence.charAt(0).toLowerCase() + sentence.slice(1));
}
