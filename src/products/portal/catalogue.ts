import { defineCatalogue } from '#platform/runtime';
import { DOOR_ENGLISH } from './catalogue-door-en.ts';
import { DOOR_SPANISH } from './catalogue-door-es.ts';
import { ENGLISH } from './catalogue-en.ts';
import { SPANISH } from './catalogue-es.ts';
import { PEOPLE_ENGLISH } from './catalogue-people-en.ts';
import { PEOPLE_SPANISH } from './catalogue-people-es.ts';

/** Every text of the portal's pages. */
export const catalogue = defineCatalogue({
  en: { ...ENGLISH, ...PEOPLE_ENGLISH, ...DOOR_ENGLISH },
  es: { ...SPANISH, ...PEOPLE_SPANISH, ...DOOR_SPANISH },
});

/** Words a text of the portal. */
export const say = catalogue.word;
