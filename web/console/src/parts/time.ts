import { common } from '../text/common.ts';

const DAY = 86_400_000;

/** The exact moment in UTC, for titles: `2026-11-22 04:18:07.123 UTC`. */
export function exactUtc(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : `${date.toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

/** Start of the reader's day, `ago` days back. */
function dayStart(now: Date, ago: number): number {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - ago).getTime();
}

/** Short form in the reader's zone: the time today, the weekday this week, the date before. */
export function shortTime(time: string, now: Date = new Date(), locale?: string): string {
  const date = new Date(time);
  const at = date.getTime();
  if (Number.isNaN(at)) return time;
  const clock = date.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' });
  if (at >= dayStart(now, 0) && at < dayStart(now, -1)) return clock;
  if (at >= dayStart(now, 1) && at < dayStart(now, 0)) return `${common.yesterday} ${clock}`;
  const far = Math.abs(at - now.getTime()) > 300 * DAY;
  const day = date.toLocaleDateString(locale, {
    day: 'numeric',
    month: 'short',
    ...(far ? { year: 'numeric' } : {}),
  });
  return far ? day : `${day} ${clock}`;
}

/** Long form in the reader's zone, with seconds. */
export function longTime(time: string, locale?: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime())
    ? time
    : date.toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** A day such as `2026-11-22` in the reader's own form. */
export function localDay(day: string, locale?: string): string {
  const date = new Date(`${day}T00:00:00`);
  return Number.isNaN(date.getTime()) ? day : date.toLocaleDateString(locale, { dateStyle: 'medium' });
}

/** `in 3 minutes`, `5 hours ago`. */
export function relativeTime(time: string, now: Date = new Date(), locale?: string): string {
  const seconds = (new Date(time).getTime() - now.getTime()) / 1000;
  if (Number.isNaN(seconds)) return time;
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const size = Math.abs(seconds);
  if (size < 60) return format.format(Math.round(seconds), 'second');
  if (size < 3600) return format.format(Math.round(seconds / 60), 'minute');
  if (size < 86_400) return format.format(Math.round(seconds / 3600), 'hour');
  return format.format(Math.round(seconds / 86_400), 'day');
}

/** How long something took: `340 ms`, `2.4 s`. */
export function duration(from: string, until: string): string {
  return milliseconds(new Date(until).getTime() - new Date(from).getTime());
}

export function milliseconds(value: number): string {
  if (!Number.isFinite(value) || value < 0) return '';
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

/** Octets in the reader's units. */
export function size(octets: number, locale?: string): string {
  if (octets < 1000) return `${octets} B`;
  const [value, unit] = octets < 1_000_000 ? [octets / 1000, 'kB'] : [octets / 1_000_000, 'MB'];
  return `${value.toLocaleString(locale, { maximumFractionDigits: value < 10 ? 1 : 0 })} ${unit}`;
}
