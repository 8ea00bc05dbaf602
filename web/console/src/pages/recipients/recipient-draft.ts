import { ApiProblem } from '../../api.ts';
import type { Recipient, RecipientChange } from '../../api-types.ts';
import { fieldError } from '../../parts/failure.tsx';
import { recipientsText as words } from '../../text/recipients.ts';

/** The form as it is filled in: every field is text or a tick, whatever is shown. */
export interface Draft {
  address: string;
  mobile: string;
  stopped: boolean;
  question: keyof typeof words.questions;
  prompt: string;
  answer: string;
  fallback: keyof typeof words.fallbacks;
  otherAddress: string;
  samePerson: boolean;
}

export function draftOf(recipient: Recipient | null): Draft {
  const fallback = recipient?.fallback ?? null;
  return {
    address: recipient?.address ?? '',
    mobile: recipient?.mobile ?? '',
    stopped: recipient?.stopped ?? false,
    question: recipient?.challenge?.kind ?? 'none',
    prompt: recipient?.challenge?.prompt ?? '',
    answer: '',
    fallback: fallback?.kind ?? 'none',
    otherAddress: fallback?.kind === 'address' ? fallback.address : '',
    samePerson: fallback?.kind === 'address' && fallback.samePerson,
  };
}

export function changeOf(draft: Draft): RecipientChange {
  const mobile = draft.mobile.trim();
  return {
    mobile: mobile === '' ? null : mobile,
    stopped: mobile !== '' && draft.stopped,
    challenge: challengeOf(draft),
    fallback: fallbackOf(draft),
  };
}

function challengeOf({ question, prompt, answer }: Draft): RecipientChange['challenge'] {
  const given = answer.trim() === '' ? {} : { answer: answer.trim() };
  if (question === 'none') return null;
  return question === 'date-of-birth'
    ? { kind: question, ...given }
    : { kind: question, prompt: prompt.trim(), ...given };
}

function fallbackOf({ fallback, otherAddress, samePerson }: Draft): RecipientChange['fallback'] {
  if (fallback === 'none') return null;
  return fallback === 'address'
    ? { kind: fallback, address: otherAddress.trim(), samePerson }
    : { kind: fallback };
}

/** The words for a field that the server found wrong: with a reason of this form, else in general. */
export function problemOf(error: Error | null, path: string): string | undefined {
  if (error instanceof ApiProblem && error.problem.parameters?.path === path)
    return words.reasons[String(error.problem.parameters.reason)] ?? fieldError(error, path);
  return fieldError(error, path);
}
