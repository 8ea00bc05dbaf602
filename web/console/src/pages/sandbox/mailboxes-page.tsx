import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Inbox, MessageSquareText } from 'lucide-react';
import type { SandboxMailbox, SandboxPeer } from '../../api-types.ts';
import { mailboxesQuery, sandboxPeersQuery } from '../../data/sandbox.ts';
import { useSession } from '../../data/session.ts';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { sandboxText as words } from '../../text/sandbox.ts';

export function MailboxesPage() {
  const sandbox = useSession()?.mode === 'sandbox';
  const mailboxes = useQuery({ ...mailboxesQuery, enabled: sandbox });
  const peers = useQuery({ ...sandboxPeersQuery, enabled: sandbox });
  if (!sandbox) {
    return (
      <Page title={words.title}>
        <Empty icon={<Inbox />} title={words.ended}>
          {words.endedHint}
        </Empty>
      </Page>
    );
  }
  return (
    <Page title={words.title} lead={words.lead}>
      <p>
        <Link to="/sandbox/texts" className="link inline-flex items-center gap-2">
          <MessageSquareText aria-hidden="true" className="size-4" />
          {words.texts}
        </Link>
      </p>
      {mailboxes.isPending && <RowsSkeleton rows={4} label={words.loading} />}
      {mailboxes.isError && <Failure error={mailboxes.error} retry={() => void mailboxes.refetch()} />}
      {mailboxes.data?.items.length === 0 && (
        <Empty icon={<Inbox />} title={words.emptyTitle}>
          {words.empty}
        </Empty>
      )}
      {mailboxes.data && mailboxes.data.items.length > 0 && <Mailboxes mailboxes={mailboxes.data.items} />}
      {peers.data && <Peers peers={peers.data.items} />}
    </Page>
  );
}

function Mailboxes({ mailboxes }: { mailboxes: readonly SandboxMailbox[] }) {
  return (
    <ul className="border-t border-line">
      {mailboxes.map((mailbox) => (
        <li key={mailbox.address} className="flex items-center gap-3 border-b border-line py-2.5">
          <Inbox aria-hidden="true" className="size-4 shrink-0 text-ink-2" />
          <Link
            to="/sandbox/$address"
            params={{ address: mailbox.address }}
            className="min-w-0 flex-1 font-medium [overflow-wrap:anywhere] hover:underline"
          >
            {mailbox.address}
          </Link>
          <span className="tabular" title={words.messages}>
            {mailbox.messages}
          </span>
          <span className="w-28 text-right text-ink-2">
            {mailbox.newestAt && <When time={mailbox.newestAt} />}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Peers({ peers }: { peers: readonly SandboxPeer[] }) {
  return (
    <Section title={words.peersTitle}>
      <p className="text-ink-2">{words.peersLead}</p>
      <dl className="grid gap-y-1.5">
        {peers.map((peer) => (
          <div key={`${peer.address} ${peer.temperament}`} className="flex flex-wrap gap-x-4">
            <dt className="w-56 font-mono text-xs leading-5 [overflow-wrap:anywhere]">{peer.address}</dt>
            <dd className="flex-1 basis-56 text-ink-2">
              {words.temperaments[peer.temperament] ?? peer.temperament}
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
