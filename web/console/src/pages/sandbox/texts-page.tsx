import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowLeft, MessageSquareText } from 'lucide-react';
import { sandboxTextsQuery } from '../../data/sandbox.ts';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Page } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { sandboxText as words } from '../../text/sandbox.ts';
import { splitLinks } from './split-links.ts';

/** What the sandbox's telephones have received; fills by itself. */
export function SandboxTextsPage() {
  const texts = useQuery(sandboxTextsQuery);
  return (
    <Page title={words.textsTitle} lead={words.textsLead}>
      <p>
        <Link to="/sandbox" className="link inline-flex items-center gap-2">
          <ArrowLeft aria-hidden="true" className="size-4" />
          {words.back}
        </Link>
      </p>
      {texts.isPending && <RowsSkeleton rows={4} label={words.textsLoading} />}
      {texts.isError && <Failure error={texts.error} retry={() => void texts.refetch()} />}
      {texts.data?.items.length === 0 && (
        <Empty icon={<MessageSquareText />} title={words.textsNone}>
          {words.textsNoneHint}
        </Empty>
      )}
      {texts.data && texts.data.items.length > 0 && (
        <ul className="border-t border-line">
          {texts.data.items.map((text) => (
            <li key={text.id} className="border-b border-line py-3">
              <p className="flex flex-wrap gap-x-4 text-ink-2">
                <span className="tabular">{text.number}</span>
                <When time={text.receivedAt} />
              </p>
              <p className="prose-width mt-1 text-base [overflow-wrap:anywhere]">
                {splitLinks(text.words).map((part) =>
                  part.link ? (
                    <a
                      key={part.at}
                      href={part.text}
                      target="_blank"
                      rel="noreferrer noopener"
                      className="link"
                    >
                      {part.text}
                    </a>
                  ) : (
                    <span key={part.at}>{part.text}</span>
                  ),
                )}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}
