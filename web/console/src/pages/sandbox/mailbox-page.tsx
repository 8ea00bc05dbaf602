import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowLeft, Inbox } from 'lucide-react';
import { mailboxQuery } from '../../data/sandbox.ts';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Page } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { sandboxText as words } from '../../text/sandbox.ts';

const route = getRouteApi('/app/sandbox/$address');

/** One mailbox, newest first; fills by itself. */
export function MailboxPage() {
  const { address } = route.useParams();
  const mailbox = useQuery(mailboxQuery(address));
  return (
    <Page title={address}>
      <p>
        <Link to="/sandbox" className="link inline-flex items-center gap-2">
          <ArrowLeft aria-hidden="true" className="size-4" />
          {words.back}
        </Link>
      </p>
      {mailbox.isPending && <RowsSkeleton rows={4} label={words.loading} />}
      {mailbox.isError && <Failure error={mailbox.error} retry={() => void mailbox.refetch()} />}
      {mailbox.data?.items.length === 0 && (
        <Empty icon={<Inbox />} title={words.mailboxEmpty}>
          {words.mailboxEmptyHint}
        </Empty>
      )}
      {mailbox.data && mailbox.data.items.length > 0 && (
        <ul className="border-t border-line">
          {mailbox.data.items.map((message) => (
            <li key={message.id} className="border-b border-line py-2.5">
              <div className="flex flex-wrap items-baseline gap-x-4">
                <Link
                  to="/sandbox/$address/$id"
                  params={{ address, id: message.id }}
                  className="min-w-0 flex-1 basis-60 font-medium break-words hover:underline"
                >
                  {message.subject === '' ? words.noSubject : message.subject}
                </Link>
                <span className="text-ink-2">
                  <When time={message.receivedAt} />
                </span>
              </div>
              <p className="truncate text-ink-2">{message.from}</p>
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}
