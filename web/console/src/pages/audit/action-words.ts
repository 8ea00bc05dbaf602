import { actionSentence } from '../../text/audit-actions.ts';

/** An action in plain words. One that has none yet is told by its code: `key.made` becomes "Key made". */
export function actionWords(action: string): string {
  const known = actionSentence(action);
  if (known !== undefined) return known;
  const words = action
    .replaceAll(/[.-]/g, ' ')
    .replace(/\bapi\b/, 'API')
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
