import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { OwnAccount } from '../../api-types.ts';
import { accountQuery } from '../../data/account.ts';
import { Notice } from '../../parts/notice.tsx';
import { accountText as words } from '../../text/account.ts';

/** Until when a stronger way to sign in must be there; nothing where nothing is missing. */
export function DueNotice({ account }: { account: OwnAccount }) {
  if (account.dueBy === null) return null;
  const level = words.levels[account.demanded];
  const by = new Date(account.dueBy);
  const lead =
    by > new Date()
      ? words.dueLead(level, by.toLocaleDateString(undefined, { dateStyle: 'long' }))
      : words.dueOver(level);
  return (
    <Notice tone="held" title={words.due}>
      {lead}
    </Notice>
  );
}

/** The same on the first page, with a way to where it is added. An account that cannot be read says nothing there. */
export function DueReminder() {
  const { data } = useQuery(accountQuery);
  if (data === undefined || data.dueBy === null) return null;
  return (
    <div className="flex flex-col gap-1">
      <DueNotice account={data} />
      <Link to="/settings/account" className="link self-start">
        {words.dueGo}
      </Link>
    </div>
  );
}
