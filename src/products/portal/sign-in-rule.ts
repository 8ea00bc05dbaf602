import { FIRST_FACTORS, type PortalSignInRule } from '#core/portal';

/** Wrong answers to the question that end access to a message: 5 unless the organisation says 3 to 10. */
export const WRONG_ANSWERS = { least: 3, most: 10, usual: 5 } as const;

export const USUAL_RULE: PortalSignInRule = {
  first: FIRST_FACTORS,
  question: 'high',
  wrongAnswers: WRONG_ANSWERS.usual,
};

/**
 * The rule in an organisation's settings. What is absent is as usual; a value that cannot be read is the strictest that
 * still lets people in: a mailed code, and the question always.
 */
export function signInRuleOf(kept: unknown): PortalSignInRule {
  if (kept === undefined || kept === null) return USUAL_RULE;
  if (typeof kept !== 'object') return STRICTEST;
  const { first, question, wrongAnswers } = kept as Readonly<Record<string, unknown>>;
  const allowed = FIRST_FACTORS.filter((factor) => Array.isArray(first) && first.includes(factor));
  if (!allowed.includes('mailed-code') && !allowed.includes('texted-code')) return STRICTEST;
  if (question !== 'always' && question !== 'high' && question !== 'never') return STRICTEST;
  const { least, most } = WRONG_ANSWERS;
  if (typeof wrongAnswers !== 'number' || !(wrongAnswers >= least && wrongAnswers <= most)) return STRICTEST;
  return { first: allowed, question, wrongAnswers: Math.floor(wrongAnswers) };
}

const STRICTEST: PortalSignInRule = {
  first: ['mailed-code'],
  question: 'always',
  wrongAnswers: WRONG_ANSWERS.least,
};
