const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Zones that RFC 5322 §4.3 gives a meaning, and a few that old programs write. Hours from UTC. */
const ZONES: Readonly<Record<string, number>> = {
  UT: 0,
  UTC: 0,
  GMT: 0,
  Z: 0,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
  CET: 1,
  CEST: 2,
  MET: 1,
  MEST: 2,
  BST: 1,
  JST: 9,
};

const CLOCK = String.raw`(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d{1,9})?`;
const ZONE = String.raw`(?:\s{0,5}([+-]\d{4}|[A-Z]{1,5}))?`;
/** `Tue, 29 Aug 2023 16:20:12 +0000` and its relatives (RFC 5322 §3.3 and §4.3). */
const MAIL_DATE = new RegExp(
  String.raw`(?:^|\s|,)(\d{1,2})[\s-]([A-Za-z]{3})[a-z]{0,6}[\s-](\d{4}|\d{2})\s{1,5}${CLOCK}${ZONE}`,
);
/** `Fri Feb 07 10:18:12 2003 -0800`, `Fri Sep 14 14:36:56 EDT 2018`. */
const ASCTIME = new RegExp(
  String.raw`([A-Z][a-z]{2})\s{1,3}(\d{1,2})\s${CLOCK}(?:\s([A-Z]{3,4}))?\s(\d{4})${ZONE}`,
);

/** The time of a Received line: what stands behind its last semicolon, else any date in it. Null when there is none. */
export function readDate(value: string): Date | null {
  const end = value.lastIndexOf(';');
  return dateIn(value.slice(end + 1)) ?? dateIn(value.slice(-120));
}

function dateIn(text: string): Date | null {
  const piece = text.slice(0, 160).replace(/\s+/g, ' ');
  const mail = MAIL_DATE.exec(piece);
  if (mail !== null) {
    const [, day, month, year, hour, minute, second, zone] = mail;
    return build(year, month, day, hour, minute, second, zone);
  }
  const asctime = ASCTIME.exec(piece);
  if (asctime === null) return null;
  const [, month, day, hour, minute, second, zoneBefore, year, zone] = asctime;
  return build(year, month, day, hour, minute, second, zone ?? zoneBefore);
}

type Text = string | undefined;

function build(
  year: Text,
  month: Text,
  day: Text,
  hour: Text,
  minute: Text,
  second: Text,
  zone: Text,
): Date | null {
  const monthIndex = MONTHS.indexOf((month ?? '').toLowerCase());
  if (monthIndex < 0) return null;
  const numbers = [fullYear(year ?? ''), Number(day), Number(hour), Number(minute), Number(second ?? 0)];
  const [years = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = numbers;
  if (days < 1 || days > 31 || hours > 23 || minutes > 59 || seconds > 60) return null;
  const local = Date.UTC(years, monthIndex, days, hours, minutes, seconds);
  return new Date(local - offsetMinutes(zone) * 60_000);
}

/** RFC 5322 §4.3: two digits below 50 are of this century. */
function fullYear(text: string): number {
  const year = Number(text);
  if (text.length > 2) return year;
  return year < 50 ? 2_000 + year : 1_900 + year;
}

/** An unknown zone means nothing more than UTC (RFC 5322 §4.3). */
function offsetMinutes(zone: Text): number {
  if (zone === undefined) return 0;
  if (/^[A-Z]/.test(zone)) return (ZONES[zone] ?? 0) * 60;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5));
  return zone.startsWith('-') ? -minutes : minutes;
}
