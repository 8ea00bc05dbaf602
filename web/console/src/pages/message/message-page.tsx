import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Radio } from 'lucide-react';
import { ApiProblem } from '../../api.ts';
import type { MessageDetail } from '../../api-types.ts';
import { useLiveMessage } from '../../data/live.ts';
import { messageQuery } from '../../data/messages.ts';
import { buttonClass } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Code, Facts } from '../../parts/facts.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Page } from '../../parts/page.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { size } from '../../parts/time.ts';
import { When } from '../../parts/when.tsx';
import { common } from '../../text/common.ts';
import { messageText as words } from '../../text/message.ts';
import { messagesText } from '../../text/messages.ts';
import { ContentTab } from './content-tab.tsx';
import { MessageActions } from './message-actions.tsx';
import { RecipientsTab } from './recipients-tab.tsx';
import { RepliesTab } from './replies-tab.tsx';

const route = getRouteApi('/app/messages/$id');

/** One message, live: what became of each recipient's copy, and why. */
export function MessagePage() {
  const { id } = route.useParams();
  const message = useQuery(messageQuery(id));
  if (message.data) return <MessageBody message={message.data} />;
  return (
    <Page title={messagesText.title}>
      {message.isError ? (
        <Unavailable error={message.error} retry={() => void message.refetch()} />
      ) : (
        <RowsSkeleton rows={6} label={words.loading} />
      )}
    </Page>
  );
}

/** Trying again finds no message that is not there: then the way leads back to the others. */
function Unavailable({ error, retry }: { error: Error; retry: () => void }) {
  if (!(error instanceof ApiProblem && error.code === 'not-found'))
    return <Failure error={error} retry={retry} />;
  return (
    <>
      <Failure error={error} />
      <p>
        <Link to="/messages" className={buttonClass()}>
          {words.toMessages}
        </Link>
      </p>
    </>
  );
}

function MessageBody({ message }: { message: MessageDetail }) {
  const live = useLiveMessage(message.id);
  return (
    <Page
      title={message.subject === '' ? words.noSubject : message.subject}
      lead={
        <span className="flex flex-wrap items-center gap-x-4 gap-y-1">
          <span className="[overflow-wrap:anywhere]">{message.from}</span>
          <When time={message.acceptedAt} />
          {message.inReplyTo && (
            <Link to="/messages/$id" params={{ id: message.inReplyTo }} className="link no-print">
              {words.answersEarlier}
            </Link>
          )}
          <span
            className="no-print inline-flex items-center gap-1.5"
            title={live ? words.liveHint : undefined}
          >
            <Radio aria-hidden="true" className={`size-4 ${live ? 'text-done' : ''}`} />
            {live ? words.live : words.notLive}
          </span>
        </span>
      }
      actions={<MessageActions message={message} />}
    >
      <Tabs
        label={words.tabsLabel}
        tabs={[
          { id: 'recipients', label: words.tabs.recipients, content: <RecipientsTab message={message} /> },
          { id: 'content', label: words.tabs.content, content: <ContentTab message={message} /> },
          {
            id: 'replies',
            label:
              message.replies.length > 0
                ? `${words.tabs.replies} (${message.replies.length})`
                : words.tabs.replies,
            content: <RepliesTab message={message} />,
          },
          { id: 'facts', label: words.tabs.facts, content: <MessageFacts message={message} /> },
        ]}
      />
    </Page>
  );
}

function MessageFacts({ message }: { message: MessageDetail }) {
  return (
    <Facts
      columns={2}
      facts={[
        [words.from, message.from],
        [words.accepted, <When key="accepted" time={message.acceptedAt} as="long" />],
        [words.acceptedBy, `${words.source[message.source]}, ${message.actor.label}`],
        [words.class, common.class[message.class]],
        [words.stream, common.stream[message.stream]],
        [words.size, size(message.size)],
        [
          words.policy,
          <Link key="policy" to="/settings/policy" className="link">
            {words.policyVersion(message.policyVersion)}
          </Link>,
        ],
        [words.giveUp, <When key="give-up" time={message.giveUpAt} as="long" />],
        [words.expires, <When key="expires" time={message.portalExpiresAt} as="long" />],
        [
          words.answers,
          message.inReplyTo && (
            <Link to="/messages/$id" params={{ id: message.inReplyTo }} className="link">
              {words.earlier}
            </Link>
          ),
        ],
        [words.messageId, <Code key="message-id">{message.messageId}</Code>],
      ]}
    />
  );
}
