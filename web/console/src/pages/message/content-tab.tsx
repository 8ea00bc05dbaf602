import { useQuery } from '@tanstack/react-query';
import { Eye, Paperclip } from 'lucide-react';
import { useState } from 'react';
import type { MessageDetail } from '../../api-types.ts';
import { attachmentPath, contentQuery } from '../../data/messages.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { DownloadLink } from '../../parts/download-link.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Failure } from '../../parts/failure.tsx';
import { size } from '../../parts/time.ts';
import { messageText as words } from '../../text/message.ts';

/** The content is opened by a deliberate press, because that is an audited act; it is forgotten when one leaves. */
export function ContentTab({ message }: { message: MessageDetail }) {
  const may = useMay('messages:read-content');
  const [wanted, setWanted] = useState(false);
  if (!may) return <p className="text-ink-2">{words.contentNotAllowed}</p>;
  if (wanted) return <Content id={message.id} />;
  return (
    <div className="flex flex-col items-start gap-3">
      <p className="text-ink-2">{words.contentWarn}</p>
      <Button onClick={() => setWanted(true)} icon={<Eye aria-hidden="true" className="size-4" />}>
        {words.contentOpen}
      </Button>
    </div>
  );
}

function Content({ id }: { id: string }) {
  const content = useQuery(contentQuery(id));
  if (content.isError) return <Failure error={content.error} retry={() => void content.refetch()} />;
  if (!content.data) return <RowsSkeleton rows={3} label={words.loading} />;
  const { from, to, text, attachments } = content.data;
  return (
    <div className="flex flex-col gap-4">
      <Facts
        facts={[
          [words.from, from],
          [words.to, to.join(', ')],
        ]}
      />
      <div className="prose-width border-l-2 border-line pl-4 text-base whitespace-pre-wrap [overflow-wrap:anywhere]">
        {text}
      </div>
      <section>
        <h2 className="mb-1.5 font-semibold">{words.attachments}</h2>
        {attachments.length === 0 ? (
          <p className="text-ink-2">{words.noAttachments}</p>
        ) : (
          <ul className="flex flex-col gap-1">
            {attachments.map((attachment) => (
              <li key={attachment.index} className="flex flex-wrap items-center gap-2">
                <Paperclip aria-hidden="true" className="size-4 text-ink-2" />
                <DownloadLink
                  path={attachmentPath(id, attachment.index)}
                  fileName={attachment.name}
                  className="link"
                >
                  {attachment.name}
                </DownloadLink>
                <span className="text-ink-2">
                  {attachment.type}, {size(attachment.size)}
                </span>
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}
