import { useEffect, useRef } from 'react';
import { type DayRange, isDay } from '../data/day-range.ts';
import { common } from '../text/common.ts';

/** Two date fields for a range of the reader's days. */
export function DayRangeFields({
  range,
  onChange,
}: {
  range: DayRange;
  onChange: (range: DayRange) => void;
}) {
  const change = (end: keyof DayRange, value: string) => {
    const { [end]: _before, ...other } = range;
    onChange(value === '' ? other : { ...other, [end]: value });
  };
  return (
    <>
      {(['since', 'until'] as const).map((end) => (
        <DayField
          key={end}
          label={common.range[end]}
          day={range[end] ?? ''}
          onChange={(value) => change(end, value)}
        />
      ))}
    </>
  );
}

/**
 * The browser keeps what is being typed. A change is passed on when it is a whole day or none, so that typing a year
 * does not ask four times: each look at a list is put on record.
 */
function DayField({ label, day, onChange }: { label: string; day: string; onChange: (day: string) => void }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (field.current && field.current.value !== day) field.current.value = day;
  }, [day]);
  return (
    <label className="flex items-center gap-2 phone:w-full">
      <span className="text-ink-2 phone:w-16">{label}</span>
      <input
        ref={field}
        type="date"
        defaultValue={day}
        onChange={({ target: { value } }) => (value === '' || isDay(value)) && onChange(value)}
        className="control w-auto phone:w-full"
      />
    </label>
  );
}
