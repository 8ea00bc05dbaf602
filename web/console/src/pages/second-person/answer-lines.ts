type Line = readonly [name: string, value: string];

/** Ends of the names of values that are shown once: a key, a link by which somebody comes in. */
const ONCE = /(?:secret|token|link|code|codes|url)$/i;

/** The values of an answer by where they stand, those that are shown this once apart. What is empty is left out. Pure. */
export function answerLines(json: string): {
  readonly secrets: readonly Line[];
  readonly rest: readonly Line[];
} {
  const found: Line[] = [];
  const visit = (name: string, value: unknown): void => {
    if (value === null || value === '') return;
    if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) {
      if (value.length > 0) found.push([name, value.join(', ')]);
    } else if (typeof value === 'object') {
      for (const [key, one] of Object.entries(value)) visit(name === '' ? key : `${name}.${key}`, one);
    } else found.push([name, String(value)]);
  };
  visit('', JSON.parse(json));
  const isOnce = ([name]: Line) => ONCE.test(name);
  return { secrets: found.filter(isOnce), rest: found.filter((line) => !isOnce(line)) };
}
