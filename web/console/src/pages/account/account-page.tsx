import { useQuery } from '@tanstack/react-query';
import { accountQuery } from '../../data/account.ts';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Page } from '../../parts/page.tsx';
import { accountText as words } from '../../text/account.ts';
import { ChangePassphrase } from './change-passphrase.tsx';
import { DueNotice } from './due-notice.tsx';
import { FactorList } from './factor-list.tsx';
import { OwnRecoveryCodes } from './own-recovery-codes.tsx';

/** What the signed-in person signs in with. */
export function AccountPage() {
  const account = useQuery(accountQuery);
  return (
    <Page title={words.title} lead={words.lead}>
      {account.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {account.isError && <Failure error={account.error} retry={() => void account.refetch()} />}
      {account.data && (
        <div className="flex flex-col gap-8">
          <DueNotice account={account.data} />
          <FactorList account={account.data} />
          <OwnRecoveryCodes left={account.data.recoveryCodesLeft} />
          <ChangePassphrase since={account.data.passphraseChangedAt} />
        </div>
      )}
    </Page>
  );
}
