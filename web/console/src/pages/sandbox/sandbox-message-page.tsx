import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowLeft, Paperclip } from 'lucide-react';
import type { SandboxMessage } from '../../api-types.ts';
import { sandboxMessageQuery } from '../../data/sandbox.ts';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Code, Facts } from '../../parts/facts.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Page } from '../../parts/page.tsx';
import { size } from '../../parts/time.ts';
import { When } from '../../parts/when.tsx';
import { common } from '../../text/common.ts';
import { sandboxText as words } from '../../text/sandbox.ts';
import { tlsName } from '../message/transport-line.ts';
import { splitLinks } from './split-links.ts';

const route = getRouteApi('/app/sandbox/$address/$id');

/** A mail as the recipient's mail program would show it. */
export function SandboxMessagePage() {
  const { address, id } = route.useParams();
  const message = useQuery(sandboxMessageQuery(address, id));
  const title = message.data ? message.data.subject || words.noSubject : words.title;
  return (
    <Page title={title}>
      <p>
        <Link to="/sandbox/$address" params={{ address }} className="link inline-flex items-center gap-2">
          <ArrowLeft aria-hidden="true" className="size-4 shrink-0" />
          {words.backTo(address)}
        </Link>
      </p>
      {message.isPending && <RowsSkeleton rows={4} label={words.loading} />}
      {message.isError && <Failure error={message.error} retry={() => void message.refetch()} />}
      {message.data && <Body message={message.data} />}
    </Page>
  );
}

/** What became of a sealed mail in the recipient's program; nothing for others. */
function sealFacts({ opened }: SandboxMessage): (readonly [string, string])[] {
  if (opened === null) return [];
  const method = common.method[opened.method];
  if (opened.refused !== null) return [[words.sealed, words.notOpened(method)]];
  return [
    [words.sealed, words.opened(method)],
    [words.signature, words.signatures[opened.signature]],
    ...(opened.signedBy === null ? [] : [[words.signedBy, opened.signedBy] as const]),
    ...(opened.hidden.length === 0 ? [] : [[words.hidden, opened.hidden.join(', ')] as const]),
  ];
}

function Body({ message }: { message: SandboxMessage }) {
  return (
    <>
      <Facts
        facts={[
          [words.from, message.from],
          [words.to, message.to],
          [words.received, <When key="received" time={message.receivedAt} as="long" />],
          [
            words.tls,
            message.tlsVersion === null
              ? words.clear
              : [tlsName(message.tlsVersion), message.cipher].filter((one) => one !== null).join(', '),
          ],
          [words.size, size(message.size)],
          ...sealFacts(message),
        ]}
      />
      <section aria-label={words.text} className="flex flex-col gap-2">
        <div className="prose-width border-l-2 border-line pl-4 text-base whitespace-pre-wrap [overflow-wrap:anywhere]">
          {splitLinks(message.text).map((part) =>
            part.link ? (
              <a key={part.at} href={part.text} target="_blank" rel="noreferrer noopener" className="link">
                {part.text}
              </a>
            ) : (
              <span key={part.at}>{part.text}</span>
            ),
          )}
        </div>
        <p className="text-xs text-ink-2">{words.linkNote}</p>
      </section>
      {message.attachments.length > 0 && (
        <section aria-label={words.attachments}>
          <h2 className="mb-1.5 font-semibold">{words.attachments}</h2>
          <ul className="flex flex-col gap-1">
            {message.attachments.map((attachment) => (
              <li key={attachment.name} className="flex items-center gap-2">
                <Paperclip aria-hidden="true" className="size-4 text-ink-2" />
                {attachment.name}
                <span className="text-ink-2">
                  {attachment.type}, {size(attachment.size)}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <details>
        <summary className="w-fit text-ink-2">{words.headers}</summary>
        <ul className="mt-2 flex flex-col gap-1">
          {message.headers.map((field, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a header may hold the same field twice, and never changes
            <li key={`${field.name} ${index}`}>
              <Code>
                <strong className="font-semibold">{field.name}:</strong> {field.value}
              </Code>
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}
