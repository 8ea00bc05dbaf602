import { useQuery } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import type { ApiKey, IssuedApiKey } from '../api-types.ts';
import { apiKeysQuery } from '../data/administration.ts';
import { serviceAccountsQuery } from '../data/machine-keys.ts';
import { useMay } from '../data/session.ts';
import { Button } from '../parts/button.tsx';
import { Empty, RowsSkeleton } from '../parts/empty.tsx';
import { Code } from '../parts/facts.tsx';
import { Failure } from '../parts/failure.tsx';
import { Page } from '../parts/page.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { When } from '../parts/when.tsx';
import { permissionText, apiKeysText as words } from '../text/administration.ts';
import { common } from '../text/common.ts';
import { machinesText } from '../text/machine-keys.ts';
import { CreateKey } from './api-keys/create-key.tsx';
import { KeyActs } from './api-keys/key-acts.tsx';
import { KeyRule } from './api-keys/key-rule.tsx';
import { keyState } from './api-keys/key-state.ts';
import { SecretDialog } from './api-keys/secret-dialog.tsx';
import { ServiceAccounts } from './api-keys/service-accounts.tsx';

export function ApiKeysPage() {
  const may = useMay('api-keys:write');
  const [creating, setCreating] = useState(false);
  const [issued, setIssued] = useState<IssuedApiKey | null>(null);
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        may && (
          <Button
            kind="primary"
            icon={<Plus aria-hidden="true" className="size-4" />}
            onClick={() => setCreating(true)}
          >
            {words.create}
          </Button>
        )
      }
    >
      <Tabs
        label={words.title}
        tabs={[
          {
            id: 'keys',
            label: machinesText.keys,
            content: <Keys may={may} onIssued={setIssued} />,
          },
          {
            id: 'accounts',
            label: machinesText.accounts,
            content: <ServiceAccounts may={may} />,
          },
        ]}
      />
      <CreateKey open={creating} onOpenChange={setCreating} onIssued={setIssued} />
      <SecretDialog issued={issued} onClose={() => setIssued(null)} />
    </Page>
  );
}

function Keys({ may, onIssued }: { may: boolean; onIssued: (issued: IssuedApiKey) => void }) {
  const keys = useQuery(apiKeysQuery);
  const accounts = useQuery(serviceAccountsQuery);
  const nameOf = (id: string) => accounts.data?.items.find((one) => one.id === id)?.name ?? '';
  return (
    <div className="flex flex-col gap-4">
      <KeyRule may={may} />
      {keys.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {keys.isError && <Failure error={keys.error} retry={() => void keys.refetch()} />}
      {keys.data?.items.length === 0 && (
        <Empty icon={<KeyRound />} title={words.emptyTitle}>
          {words.empty}
        </Empty>
      )}
      {keys.data && keys.data.items.length > 0 && (
        <ul className="border-t border-line">
          {keys.data.items.map((key) => (
            <KeyRow
              key={key.id}
              apiKey={key}
              account={key.serviceAccount === null ? null : nameOf(key.serviceAccount)}
              may={may}
              onIssued={onIssued}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

/** What narrows a key, and what is wrong with it. */
function marksOf(apiKey: ApiKey, account: string | null): readonly string[] {
  return [
    ...(apiKey.kind === 'jwt' ? [machinesText.oauth] : []),
    ...(account === null ? [] : [machinesText.ofAccount(account)]),
    ...(apiKey.scopes.length === 0 ? [] : [machinesText.scoped(apiKey.scopes.length)]),
    ...(apiKey.certificate === null ? [] : [machinesText.certificate]),
    ...(apiKey.unused ? [machinesText.unused] : []),
  ];
}

function KeyRow(props: {
  apiKey: ApiKey;
  account: string | null;
  may: boolean;
  onIssued: (issued: IssuedApiKey) => void;
}) {
  const { apiKey, account } = props;
  const state = keyState(apiKey, new Date());
  return (
    <li className="flex flex-wrap items-start gap-x-6 gap-y-2 border-b border-line py-3">
      <div className="min-w-0 flex-1 basis-72">
        <p className="flex flex-wrap items-center gap-x-2">
          <span className={`font-medium ${state === 'usable' ? '' : 'text-ink-2 line-through'}`}>
            {apiKey.label}
          </span>
          {state !== 'usable' && (
            <span className="rounded bg-paper-3 px-1.5 py-0.5 text-xs font-medium text-ink-2">
              {words[state]}
            </span>
          )}
        </p>
        <p className="text-ink-2">
          {words.begins} <Code>{apiKey.prefix}</Code>
        </p>
        {marksOf(apiKey, account).length > 0 && (
          <p className="text-ink-2">{marksOf(apiKey, account).join(' · ')}</p>
        )}
        {!apiKey.backed && state === 'usable' && <p className="text-failed">{machinesText.unbacked}</p>}
        <p className="mt-0.5 text-ink-2">
          {apiKey.permissions.map((permission) => permissionText[permission] ?? permission).join(' · ')}
        </p>
      </div>
      <dl className="grid grid-cols-[auto_auto] gap-x-3 text-ink-2">
        <dt>{words.created}</dt>
        <dd>
          <When time={apiKey.createdAt} />
        </dd>
        <dt>{words.lastUsed}</dt>
        <dd>{apiKey.lastUsedAt ? <When time={apiKey.lastUsedAt} /> : common.never}</dd>
        {apiKey.expiresAt && (
          <>
            <dt>{words.expires}</dt>
            <dd>
              <When time={apiKey.expiresAt} />
            </dd>
          </>
        )}
      </dl>
      {props.may && state !== 'revoked' && <KeyActs apiKey={apiKey} onIssued={props.onIssued} />}
    </li>
  );
}
