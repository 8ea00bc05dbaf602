import type { SessionEntry } from '../../api-types.ts';
import { When } from '../../parts/when.tsx';
import { settingsText } from '../../text/administration.ts';
import { common } from '../../text/common.ts';
import { countryName } from './country-name.ts';

const words = settingsText.sessions;

/** With what, from where, how and when somebody is signed in; without a title the browser is it. */
export function SessionFacts({ session, title }: { session: SessionEntry; title?: string }) {
  const agent = session.agent ?? words.unknownBrowser;
  const bound = session.bound ? words.bound : words.unbound;
  const factors = session.factors
    .map((factor) => settingsText.people.factorNames[factor] ?? factor)
    .join(', ');
  return (
    <>
      <div className="min-w-0 flex-1 basis-72">
        <p className="font-medium">{title ?? agent}</p>
        <p className="text-ink-2">{title === undefined ? bound : `${agent}, ${bound}`}</p>
        <p className="text-ink-2">
          {words.from} {session.address ?? common.none}
          {session.country !== null && ` (${countryName(session.country)})`}
          {factors !== '' && `, ${words.with.toLowerCase()} ${factors.toLowerCase()}`}
        </p>
      </div>
      <p className="text-ink-2">
        {words.started} <When time={session.createdAt} />, {words.used.toLowerCase()}{' '}
        <When time={session.lastUsedAt} />
      </p>
    </>
  );
}
