/** The hour, weekday and day at a moment in an organisation's zone. */
export interface LocalTime {
  readonly hour: number;
  /** 1 Monday to 7 Sunday. */
  readonly weekday: number;
  /** Days since 1970-01-01 of the local calendar. */
  readonly day: number;
}

const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;

/**
 * Local time by zone. Offsets change on whole quarters of an hour only, so each is asked of Intl once a quarter: asking for each
 * entry would cost more than everything else that is done with it.
 */
export function localClock(zone: string): (at: number) => LocalTime {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    ...({ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const),
  });
  let [quarter, offset] = [Number.NaN, 0];
  return (at) => {
    const now = Math.floor(at / QUARTER_MS);
    if (now !== quarter) {
      const parts = new Map(
        format.formatToParts(now * QUARTER_MS).map(({ type, value }) => [type, Number(value)]),
      );
      const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
      const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
      [quarter, offset] = [now, local - now * QUARTER_MS];
    }
    const local = at + offset;
    const day = Math.floor(local / DAY_MS);
    // 1970-01-01 was a Thursday.
    return {
      day,
      hour: Math.floor((local - day * DAY_MS) / 3_600_000),
      weekday: ((((day + 3) % 7) + 7) % 7) + 1,
    };
  };
}
