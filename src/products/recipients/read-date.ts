/** Month names and their usual short forms, English and Spanish, without accents. */
const MONTHS: readonly (readonly string[])[] = [
  ['january', 'jan', 'enero', 'ene'],
  ['february', 'feb', 'febrero'],
  ['march', 'mar', 'marzo'],
  ['april', 'apr', 'abril', 'abr'],
  ['may', 'mayo'],
  ['june', 'jun', 'junio'],
  ['july', 'jul', 'julio'],
  ['august', 'aug', 'agosto', 'ago'],
  ['september', 'sep', 'sept', 'septiembre', 'setiembre', 'set'],
  ['october', 'oct', 'octubre'],
  ['november', 'nov', 'noviembre'],
  ['december', 'dec', 'diciembre', 'dic'],
];

const OLDEST_YEARS = 130;

/**
 * The dates of birth (`YYYY-MM-DD`) that this spelling may mean: ISO 8601, US (month first), Spanish and other European
 * (day first), with names of months in English or Spanish, with two digits of the year. Where it may mean two, both are
 * given. None in the future, none 130 years ago. Empty where it is no date.
 */
export function readDates(text: string, now: Date): readonly string[] {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/(\d)(st|nd|rd|th|º|ª|o|a)\b/g, '$1')
    .replace(/\b(de|del|of|the)\b/g, ' ')
    .trim();
  const parts = plain.split(/[\s,./\-\u2010-\u2015]+/).filter((part) => part !== '');
  const found = readings(parts).flatMap(([year, month, day]) =>
    yearsOf(year, now).flatMap((full) => dateOf(full, month, day, now)),
  );
  return [...new Set(found)];
}

type Reading = readonly [year: string, month: number, day: number];

function readings(parts: readonly string[]): readonly Reading[] {
  const [first = '', second = '', third = ''] = parts;
  if (parts.length === 1 && /^\d{8}$/.test(first)) {
    const at = (from: number, to: number) => Number(first.slice(from, to));
    const [begin, end] = [first.slice(0, 4), first.slice(4)];
    return [
      [begin, at(4, 6), at(6, 8)],
      [end, at(0, 2), at(2, 4)],
      [end, at(2, 4), at(0, 2)],
    ];
  }
  if (parts.length !== 3) return [];
  const named = parts.findIndex((part) => monthNamed(part) !== null);
  if (named >= 0) {
    const month = monthNamed(parts[named] ?? '') ?? 0;
    const [one = '', other = ''] = parts.filter((_, index) => index !== named);
    if (!isNumber(one) || !isNumber(other)) return [];
    // The year stands first in `1980 March 4` alone.
    return one.length === 4 ? [[one, month, Number(other)]] : [[other, month, Number(one)]];
  }
  if (!parts.every(isNumber)) return [];
  if (first.length === 4) return [[first, Number(second), Number(third)]];
  return [
    [third, Number(first), Number(second)],
    [third, Number(second), Number(first)],
  ];
}

function isNumber(part: string): boolean {
  return /^\d{1,4}$/.test(part);
}

function monthNamed(part: string): number | null {
  const index = MONTHS.findIndex((names) => names.includes(part));
  return index < 0 ? null : index + 1;
}

/** Two digits mean the years of this century and of the one before. */
function yearsOf(year: string, now: Date): readonly number[] {
  if (year.length === 4) return [Number(year)];
  if (year.length !== 2) return [];
  const century = Math.floor(now.getUTCFullYear() / 100) * 100;
  return [century - 100 + Number(year), century + Number(year)];
}

function dateOf(year: number, month: number, day: number, now: Date): readonly string[] {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const real =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!real || date > now || year < now.getUTCFullYear() - OLDEST_YEARS) return [];
  return [date.toISOString().slice(0, 10)];
}
