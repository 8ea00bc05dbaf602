/** A range of the reader's days, as the URL carries it: `2026-11-22`, both ends included. */
export interface DayRange {
  readonly since?: string;
  readonly until?: string;
}

/** A day of this century; what a date field says while its year is being typed is none. */
export function isDay(value: unknown): value is string {
  return typeof value === 'string' && /^2\d{3}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));
}

/** The days in a search of a URL; anything else is left out. */
export function dayRangeIn(search: Readonly<Record<string, unknown>>): DayRange {
  return {
    ...(isDay(search.since) ? { since: search.since } : {}),
    ...(isDay(search.until) ? { until: search.until } : {}),
  };
}

function startOfDay(day: string, later: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

/** The moments that a range means to the API: from the start of its first day to the end of its last, where the reader is. */
export function momentsOf({ since, until }: DayRange): {
  since: string | undefined;
  until: string | undefined;
} {
  return {
    since: since === undefined ? undefined : startOfDay(since, 0),
    until: until === undefined ? undefined : startOfDay(until, 1),
  };
}
