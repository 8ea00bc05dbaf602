import type { Locator } from 'playwright-core';

interface Drawn {
  readonly innerText: string;
}

/** The text as it is drawn, line by line; what is hidden does not count. */
export function shownText(locator: Locator): Promise<string> {
  // biome-ignore lint/performance/useDomNodeTextContent: what is hidden must not count
  return locator.evaluate(({ innerText }: Drawn) => innerText);
}
