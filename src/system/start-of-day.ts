/** The moment at which the day of `now` began in an IANA time zone. Days of 23 and 25 hours come out right. */
export function startOfDay(now: Date, timeZone: string): Date {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  const parts = (at: Date) => {
    const found = new Map(format.formatToParts(at).map((part) => [part.type, Number(part.value)]));
    const get = (type: Intl.DateTimeFormatPartTypes) => found.get(type) ?? 0;
    return Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second'));
  };
  const local = new Date(parts(now));
  const midnight = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate());
  const offsetNow = local.getTime() - Math.floor(now.getTime() / 1000) * 1000;
  // The zone's offset at midnight may differ from the one now: one correction settles it.
  const guess = new Date(midnight - offsetNow);
  return new Date(guess.getTime() - (parts(guess) - midnight));
}
