import type { CareRelationship } from '../../api-types.ts';
import { When } from '../../parts/when.tsx';
import { careText as words } from '../../text/care.ts';

/** From when until when. */
export function Days({ care }: { care: Pick<CareRelationship, 'since' | 'until'> }) {
  const later = new Date(care.since) > new Date();
  return (
    <>
      {later ? words.beginsLater : words.since} <When time={care.since} />,{' '}
      {care.until === null ? (
        words.noEnd
      ) : (
        <>
          {words.upTo} <When time={care.until} />
        </>
      )}
    </>
  );
}
