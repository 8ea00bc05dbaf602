import { Link } from '@tanstack/react-router';
import { Reply } from 'lucide-react';
import type { MessageDetail } from '../../api-types.ts';
import { Empty } from '../../parts/empty.tsx';
import { When } from '../../parts/when.tsx';
import { messageText as words } from '../../text/message.ts';

export function RepliesTab({ message }: { message: MessageDetail }) {
  if (message.replies.length === 0)
    return (
      <Empty icon={<Reply />} title={words.tabs.replies}>
        {words.noReplies}
      </Empty>
    );
  return (
    <ul className="border-t border-line">
      {message.replies.map((reply) => (
        <li
          key={reply.id}
          className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line py-2.5"
        >
          <Link to="/messages/$id" params={{ id: reply.id }} className="link min-w-0 flex-1 basis-60">
            {reply.subject === '' ? words.noSubject : reply.subject}
          </Link>
          <span className="text-ink-2">{reply.from}</span>
          <span className="text-ink-2">
            <When time={reply.acceptedAt} />
          </span>
        </li>
      ))}
    </ul>
  );
}
