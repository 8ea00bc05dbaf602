import { defineCatalogue } from '#platform/runtime';
import { ENGLISH } from './catalogue-en.ts';
import { SPANISH } from './catalogue-es.ts';

/** Every text of the portal's pages. */
export const catalogue = defineCatalogue({ en: ENGLISH, es: SPANISH });

/** Words a text of the portal. */
export const say = catalogue.word;
