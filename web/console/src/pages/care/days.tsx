import type { CareRelationship } from '../../api-types.ts';
import { exactUtc, localDay } from '../../parts/time.ts';
import { careText as words } from '../../text/care.ts';
import { dayOf } from './care-days.ts';

/** From which day until which, in the reader's zone. */
export function Days({ care }: { care: Pick<CareRelationship, 'since' | 'until'> }) {
  const later = new Date(care.since) > new Date();
  return (
    <>
      {later ? words.beginsLater : words.since} <Day time={care.since} />,{' '}
      {care.until === null ? (
        words.noEnd
      ) : (
        <>
          {words.upTo} <Day time={care.until} />
        </>
      )}
    </>
  );
}

function Day({ time }: { time: string }) {
  return (
    <time dateTime={time} title={exactUtc(time)} className="whitespace-nowrap">
      {localDay(dayOf(new Date(time)))}
    </time>
  );
}
