import { catalogue } from './catalogue.ts';

/** Words for looking for people and choosing them. */
export const peopleText = catalogue({
  en: {
    search: 'Find a person by name or address',
    show: 'Find',
    showAll: 'Show everybody',
    searching: 'Searching …',
    loading: 'The people are being loaded',
    nobody: 'Nobody found. Type the beginning of a name or address.',
    found: (count: number, more: boolean) =>
      `${more ? 'The first ' : ''}${count === 1 && !more ? '1 person' : `${count} people`}${more ? '; type more of the name to narrow it' : ''}`,
    notWhole: 'There are too many people to look through all of them. A whole address finds everybody.',
    type: 'Type the beginning of a name or address.',
    add: 'Add a person',
    chosen: 'Chosen',
    takeAway: (name: string) => `Remove ${name}`,
    left: 'somebody who has left',
    none: 'Choose …',
  },
});
