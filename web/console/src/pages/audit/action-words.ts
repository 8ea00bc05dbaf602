/** `api-key.created` as words: "API key created". The code itself stands beside it on the page. */
export function actionWords(action: string): string {
  const words = action
    .replaceAll(/[.-]/g, ' ')
    .replace(/\bapi\b/, 'API')
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
