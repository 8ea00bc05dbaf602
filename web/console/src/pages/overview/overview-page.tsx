import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { CircleCheck, PenLine, Send } from 'lucide-react';
import { useRef } from 'react';
import type { MessageFilter, MessageSummary, Overview, Session } from '../../api-types.ts';
import { demoMessage } from '../../data/demo-message.ts';
import { overviewQuery, sendMessage } from '../../data/messages.ts';
import { useSession } from '../../data/session.ts';
import { Button, buttonClass } from '../../parts/button.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { SealMark } from '../../parts/seal-mark.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { When } from '../../parts/when.tsx';
import { destinationsFor } from '../../shell/destinations.ts';
import { messagesText, overviewText as words } from '../../text/messages.ts';
import { shell } from '../../text/shell.ts';
import { DueReminder } from '../account/due-notice.tsx';
import { recipientsText } from '../messages/message-columns.tsx';
import { sortStates } from '../messages/sort-states.ts';
import { OverviewScore } from './security-score.tsx';
import { VolumeChart } from './volume-chart.tsx';

/** What needs me, how much went out today and how it was protected, and the newest messages. */
export function OverviewPage() {
  const session = useSession();
  const reads = session?.permissions.includes('messages:read') ?? false;
  const overview = useQuery({ ...overviewQuery, enabled: reads });
  if (!session) return null;
  const maySend = session.permissions.includes('messages:send');
  const sandbox = session.mode === 'sandbox';
  return (
    <Page
      title={words.title}
      actions={
        maySend &&
        !sandbox && (
          <Link to="/compose" className={buttonClass('primary')}>
            <PenLine aria-hidden="true" className="size-4" />
            {words.write}
          </Link>
        )
      }
    >
      <DueReminder />
      {sandbox && maySend && <DemoCall session={session} />}
      {!reads && <Elsewhere session={session} />}
      {reads && overview.isPending && <RowsSkeleton rows={7} label={words.loading} />}
      {overview.isError && <Failure error={overview.error} retry={() => void overview.refetch()} />}
      {overview.data && <OverviewBody overview={overview.data} />}
      {session.permissions.includes('alerts:read') && <OverviewScore />}
    </Page>
  );
}

/** For who sees no messages, or those of single mailboxes only: what their role is for. */
function Elsewhere({ session }: { session: Session }) {
  const pages = destinationsFor(session).filter(({ to }) => to !== '/');
  return (
    <>
      <p className="prose-width text-ink-2">{shell.nothingToday}</p>
      <ul className="grid gap-x-6 gap-y-1 sm:grid-cols-2 lg:grid-cols-3">
        {pages.map(({ to, label, icon: Icon }) => (
          <li key={to}>
            <Link to={to} className="link inline-flex min-h-9 items-center gap-2.5">
              <Icon aria-hidden="true" className="size-4 shrink-0" />
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

function DemoCall({ session }: { session: Session }) {
  const navigate = useNavigate();
  // One key per view: a repeated press while the answer is on its way is the same message.
  const key = useRef(crypto.randomUUID());
  const send = useMutation({
    mutationKey: ['demo', session.organisation.id],
    mutationFn: () => sendMessage(demoMessage(), key.current),
    onSuccess: (accepted) => navigate({ to: '/messages/$id', params: { id: accepted.id } }),
  });
  return (
    <section
      aria-label={words.demoTitle}
      className="flex flex-col gap-3 border-l-4 border-action bg-paper-2 px-4 py-4"
    >
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <div className="max-w-[70ch] flex-1 basis-96">
          <h2 className="text-base font-semibold">{words.demoTitle}</h2>
          <p className="mt-1 text-ink-2">{words.demoLead}</p>
        </div>
        <Button
          kind="primary"
          busy={send.isPending || send.isSuccess}
          onClick={() => send.mutate()}
          icon={<Send aria-hidden="true" className="size-4" />}
        >
          {words.demo}
        </Button>
      </div>
      <ActFailure error={send.error} />
    </section>
  );
}

function OverviewBody({ overview }: { overview: Overview }) {
  const { attention } = overview;
  const calm = attention.held + attention.failing + attention.bounced === 0;
  return (
    <>
      <Section title={words.attention}>
        <ul className="grid grid-cols-2 gap-px overflow-hidden rounded-md border border-line bg-line md:grid-cols-4">
          <Count
            filter="held"
            label={words.held}
            hint={words.heldHint}
            count={attention.held}
            tone="text-held"
          />
          <Count
            filter="failing"
            label={words.failing}
            hint={words.failingHint}
            count={attention.failing}
            tone="text-held"
          />
          <Count
            filter="bounced"
            label={words.bounced}
            hint={words.bouncedHint}
            count={attention.bounced}
            tone="text-failed"
          />
          <Count
            filter="unread"
            label={words.unread}
            hint={words.unreadHint}
            count={attention.unreadInPortal}
            tone="text-ink"
          />
        </ul>
        {calm && (
          <p className="flex items-center gap-2 text-ink-2">
            <CircleCheck aria-hidden="true" className="size-4 text-done" />
            {words.allClear}
          </p>
        )}
      </Section>
      <Section title={words.today}>
        <VolumeChart today={overview.today} />
      </Section>
      <Section
        title={words.recent}
        actions={
          <Link to="/messages" search={{}} className="link">
            {words.allMessages}
          </Link>
        }
      >
        <Recent messages={overview.recent} />
      </Section>
    </>
  );
}

function Count(props: { filter: MessageFilter; label: string; hint: string; count: number; tone: string }) {
  return (
    <li className="bg-paper">
      <Link
        to="/messages"
        search={{ state: props.filter }}
        className="block px-4 py-3 hover:bg-paper-2 focus-visible:-outline-offset-2"
      >
        <span
          className={`tabular block text-xl leading-none font-semibold ${props.count > 0 ? props.tone : 'text-ink-2'}`}
        >
          {props.count}
        </span>
        <span className="mt-1.5 block font-medium">{props.label}</span>
        <span className="block text-xs text-ink-2">{props.hint}</span>
      </Link>
    </li>
  );
}

function Recent({ messages }: { messages: readonly MessageSummary[] }) {
  if (messages.length === 0) return <Empty title={messagesText.emptyTitle}>{messagesText.empty}</Empty>;
  return (
    <ul className="border-t border-line">
      {messages.map((message) => (
        <li
          key={message.id}
          className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line py-2.5"
        >
          <div className="min-w-0 flex-1 basis-60">
            <Link
              to="/messages/$id"
              params={{ id: message.id }}
              className="font-medium break-words hover:underline"
            >
              {message.subject === '' ? messagesText.noSubject : message.subject}
            </Link>
            <p className="truncate text-ink-2">{recipientsText(message)}</p>
          </div>
          <span className="flex gap-1.5">
            {message.methods.map((method) => (
              <SealMark key={method} name={method} />
            ))}
          </span>
          <span className="flex flex-wrap gap-1">
            {sortStates(message.states).map(({ state, count }) => (
              <StateMark key={state} state={state} count={count} />
            ))}
          </span>
          <span className="text-ink-2">
            <When time={message.acceptedAt} />
          </span>
        </li>
      ))}
    </ul>
  );
}
