import { useQuery } from '@tanstack/react-query';
import { FileKey, Plus } from 'lucide-react';
import { useState } from 'react';
import type { RecipientKey } from '../api-types.ts';
import { recipientKeysQuery } from '../data/administration.ts';
import { useMay } from '../data/session.ts';
import { Button } from '../parts/button.tsx';
import { Empty, RowsSkeleton } from '../parts/empty.tsx';
import { Code, Facts } from '../parts/facts.tsx';
import { Failure } from '../parts/failure.tsx';
import { Notice } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { When } from '../parts/when.tsx';
import { keysText as words } from '../text/keys.ts';
import { AddKey } from './keys/add-key.tsx';
import { fingerprintGroups } from './keys/fingerprint.ts';
import { KeyActs } from './keys/key-acts.tsx';
import { OwnKey } from './keys/own-key.tsx';
import { TrustSettings } from './keys/trust-settings.tsx';

/** Recipients' OpenPGP keys with their trust, whom to believe, and the organisation's own. */
export function KeysPage() {
  const may = useMay('recipient-keys:write');
  const [adding, setAdding] = useState(false);
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
      <Tabs
        label={words.parts}
        tabs={[
          { id: 'recipients', label: words.recipients, content: <RecipientKeys may={may} /> },
          { id: 'believe', label: words.believe, content: <TrustSettings /> },
          { id: 'own', label: words.own, content: <OwnKey /> },
        ]}
      />
      <AddKey open={adding} onOpenChange={setAdding} />
    </Page>
  );
}

/** Whether a person has to decide something before mail goes to this key. */
const waits = (key: RecipientKey) => key.state === 'pending' || (key.state === 'trusted' && !key.accepted);

function RecipientKeys({ may }: { may: boolean }) {
  const keys = useQuery(recipientKeysQuery);
  const items = keys.data?.items ?? [];
  const changed = items.filter((key) => key.state === 'pending').length;
  const unvouched = items.filter(waits).length - changed;
  return (
    <div className="flex flex-col gap-5">
      {keys.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {keys.isError && <Failure error={keys.error} retry={() => void keys.refetch()} />}
      {keys.data && items.length === 0 && (
        <Empty icon={<FileKey />} title={words.emptyTitle}>
          {words.empty}
        </Empty>
      )}
      {changed > 0 && (
        <Notice tone="held" title={words.pendingTitle(changed)}>
          {words.pendingLead}
        </Notice>
      )}
      {unvouched > 0 && (
        <Notice tone="held" title={words.unvouchedTitle(unvouched)}>
          {words.unvouchedLead}
        </Notice>
      )}
      {items.length > 0 && (
        <ul className="border-t border-line">
          {[...items.filter(waits), ...items.filter((key) => !waits(key))].map((key) => (
            <KeyRow key={key.id} recipientKey={key} may={may} />
          ))}
        </ul>
      )}
    </div>
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
            {waits(key) ? words.states.pending : words.states[key.state]}
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
  return waits(key) || key.state === 'rejected' ? words.unvouched : words.pinned;
}
