import { useQuery } from '@tanstack/react-query';
import { FileKey, Plus } from 'lucide-react';
import { useState } from 'react';
import type { RecipientKey } from '../api-types.ts';
import { ownKeyQuery, recipientKeysQuery } from '../data/administration.ts';
import { useMay } from '../data/session.ts';
import { Button } from '../parts/button.tsx';
import { CopyBox } from '../parts/copy-box.tsx';
import { Empty, RowsSkeleton } from '../parts/empty.tsx';
import { Code, Facts } from '../parts/facts.tsx';
import { Failure } from '../parts/failure.tsx';
import { Notice } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { When } from '../parts/when.tsx';
import { keysText as words } from '../text/keys.ts';
import { AddKey } from './keys/add-key.tsx';
import { fingerprintGroups } from './keys/fingerprint.ts';
import { KeyActs } from './keys/key-acts.tsx';

/** Recipients' OpenPGP keys with their trust, and the organisation's own. */
export function KeysPage() {
  const may = useMay('recipient-keys:write');
  const keys = useQuery(recipientKeysQuery);
  const [adding, setAdding] = useState(false);
  const items = keys.data?.items ?? [];
  const pending = items.filter((key) => key.state === 'pending');
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        may && (
          <Button
            kind="primary"
            icon={<Plus aria-hidden="true" className="size-4" />}
            onClick={() => setAdding(true)}
          >
            {words.add}
          </Button>
        )
      }
    >
      {keys.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {keys.isError && <Failure error={keys.error} retry={() => void keys.refetch()} />}
      {keys.data && items.length === 0 && (
        <Empty icon={<FileKey />} title={words.emptyTitle}>
          {words.empty}
        </Empty>
      )}
      {pending.length > 0 && (
        <Notice tone="held" title={words.pendingTitle(pending.length)}>
          {words.pendingLead}
        </Notice>
      )}
      {items.length > 0 && (
        <ul className="border-t border-line">
          {[...pending, ...items.filter((key) => key.state !== 'pending')].map((key) => (
            <KeyRow key={key.id} recipientKey={key} may={may} />
          ))}
        </ul>
      )}
      <OwnKey />
      <AddKey open={adding} onOpenChange={setAdding} />
    </Page>
  );
}

function KeyRow({ recipientKey: key, may }: { recipientKey: RecipientKey; may: boolean }) {
  const out = key.state !== 'trusted' && key.state !== 'pending';
  return (
    <li className="flex flex-wrap items-start gap-x-6 gap-y-2 border-b border-line py-3">
      <div className="flex min-w-0 flex-1 basis-96 flex-col gap-1">
        <p className="flex flex-wrap items-center gap-x-2">
          <span className={`font-medium ${out ? 'text-ink-2 line-through' : ''}`}>{key.address}</span>
          <span className="rounded bg-paper-3 px-1.5 py-0.5 text-xs font-medium text-ink-2">
            {words.states[key.state]}
          </span>
        </p>
        {key.problem && <p className="text-failed">{words.problems[key.problem]}</p>}
        <Facts
          facts={[
            [words.fingerprint, <Code key="fingerprint">{fingerprintGroups(key.fingerprint)}</Code>],
            [words.algorithm, key.algorithm],
            [words.source, words.sources[key.source]],
            [words.trust, trustWords(key)],
            [words.added, <When key="added" time={key.addedAt} />],
            [words.expires, key.expiresAt && <When key="expires" time={key.expiresAt} />],
          ]}
        />
      </div>
      {may && <KeyActs recipientKey={key} />}
    </li>
  );
}

function trustWords(key: RecipientKey): string {
  if (key.vouchedBy) return words.vouched(key.vouchedBy.label);
  return key.state === 'pending' || key.state === 'rejected' ? words.unvouched : words.pinned;
}

function OwnKey() {
  const own = useQuery({ ...ownKeyQuery, retry: false });
  if (!own.data) return null;
  return (
    <section aria-label={words.own} className="flex flex-col gap-2">
      <h2 className="font-semibold">{words.own}</h2>
      <p className="prose-width text-ink-2">{words.ownLead}</p>
      <Facts
        facts={[
          [words.ownAddress, own.data.address],
          [words.fingerprint, <Code key="fingerprint">{fingerprintGroups(own.data.fingerprint)}</Code>],
        ]}
      />
      <details>
        <summary className="w-fit text-ink-2">{words.ownShow}</summary>
        <div className="mt-2 whitespace-pre-wrap">
          <CopyBox label={words.own} text={own.data.publicKey} />
        </div>
      </details>
    </section>
  );
}
