import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Mailbox } from 'lucide-react';
import type { PaperLetter } from '../../api-types.ts';
import { letterWritten, paperLettersQuery } from '../../data/recipients.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { When } from '../../parts/when.tsx';
import { common } from '../../text/common.ts';
import { recipientsText as words } from '../../text/recipients.ts';

/** Messages that nobody picked up, whose recipients are to get a letter on paper. */
export function LettersTab() {
  const may = useMay('recipients:manage');
  const letters = useInfiniteQuery(paperLettersQuery);
  const items = letters.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="flex flex-col gap-4">
      <p className="prose-width text-ink-2">{words.lettersLead}</p>
      {letters.isPending && <RowsSkeleton rows={3} label={words.lettersLoading} />}
      {letters.isError && <Failure error={letters.error} retry={() => void letters.refetch()} />}
      {letters.data && items.length === 0 && (
        <Empty icon={<Mailbox />} title={words.lettersNoneTitle}>
          {words.lettersNone}
        </Empty>
      )}
      {items.length > 0 && (
        <ul className="border-t border-line">
          {items.map((one) => (
            <LetterRow key={one.id} letter={one} may={may} />
          ))}
        </ul>
      )}
      {letters.hasNextPage && (
        <Button busy={letters.isFetchingNextPage} onClick={() => void letters.fetchNextPage()}>
          {common.more}
        </Button>
      )}
    </div>
  );
}

function LetterRow({ letter, may }: { letter: PaperLetter; may: boolean }) {
  const client = useQueryClient();
  const written = useMutation({
    mutationFn: () => letterWritten(letter.id),
    onSuccess: () => client.invalidateQueries({ queryKey: paperLettersQuery.queryKey }),
  });
  const gone = letter.expiresAt !== null && Date.parse(letter.expiresAt) <= Date.now();
  return (
    <li className="flex flex-wrap items-start gap-x-6 gap-y-2 border-b border-line py-3">
      <div className="min-w-0 flex-1 basis-72">
        <p className="font-medium [overflow-wrap:anywhere]">{letter.address}</p>
        <p className="text-ink-2">
          {words.letterSince} <When time={letter.since} />
          {letter.expiresAt && (
            <>
              . {gone ? words.letterExpired : words.letterExpires} <When time={letter.expiresAt} />
            </>
          )}
        </p>
        {letter.reason === 'no-text' && <p className="text-ink-2">{words.letterNoText}</p>}
        {letter.openedAt && (
          <p className="font-medium">
            {words.letterOpened} (<When time={letter.openedAt} />)
          </p>
        )}
        <ActFailure error={written.error} />
      </div>
      <Link to="/messages/$id" params={{ id: letter.message }} className="link">
        {words.letterMessage}
      </Link>
      {may && (
        <Button busy={written.isPending} onClick={() => written.mutate()}>
          {words.letterDone}
        </Button>
      )}
    </li>
  );
}
