import { exactUtc, longTime, relativeTime, shortTime } from './time.ts';

/** A moment in the reader's zone; the exact UTC time stands in the title. */
export function When({ time, as = 'short' }: { time: string; as?: 'short' | 'long' | 'relative' }) {
  const text = as === 'short' ? shortTime(time) : as === 'long' ? longTime(time) : relativeTime(time);
  return (
    <time dateTime={time} title={exactUtc(time)} className="whitespace-nowrap">
      {text}
    </time>
  );
}
