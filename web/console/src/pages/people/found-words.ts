import { peopleText as words } from '../../text/people.ts';

/** How many people a search gave, and whether there may be others. */
export function foundWords(found: {
  readonly items: readonly unknown[];
  readonly more: boolean;
  readonly whole: boolean;
}): string {
  const said = found.items.length === 0 ? words.nobody : words.found(found.items.length, found.more);
  return found.whole ? said : `${said} ${words.notWhole}`;
}
