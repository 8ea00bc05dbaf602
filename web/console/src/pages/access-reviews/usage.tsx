import type { AccessReviewItem, AccessUse } from '../../api-types.ts';
import { localDay } from '../../parts/time.ts';
import { permissionText } from '../../text/administration.ts';
import { common } from '../../text/common.ts';
import { readyRoleText } from '../../text/roles.ts';
import { reviewsText as words } from '../../text/safeguards.ts';

/** What is in use on top, what nobody needs below. */
function lastUsedFirst(uses: readonly AccessUse[]): AccessUse[] {
  return [...uses].sort((a, b) => (b.lastUsedOn ?? '').localeCompare(a.lastUsedOn ?? ''));
}

/** When and how often each role of a line was used, and every right on demand. */
export function Usage({ usage }: { usage: NonNullable<AccessReviewItem['usage']> }) {
  const { since, roles, permissions } = usage;
  const used = permissions.filter(({ lastUsedOn }) => lastUsedOn !== null).length;
  if (permissions.length === 0) return null;
  return (
    <>
      {roles.map(({ name, uses, lastUsedOn }) => {
        const role = readyRoleText[name]?.name ?? name;
        return (
          <p key={name} className="text-ink-2">
            {lastUsedOn === null ? words.roleNever(role) : words.roleUse(role, uses, localDay(lastUsedOn))}
          </p>
        );
      })}
      <details className="text-ink-2">
        <summary className="cursor-pointer">{words.permissionUses(used, permissions.length)}</summary>
        <div className="max-w-full overflow-x-auto">
          <table className="text-left">
            <thead>
              <tr>
                {[words.usedBy, words.usedOn, words.uses].map((head) => (
                  <th key={head} scope="col" className="pr-4 font-medium">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {lastUsedFirst(permissions).map(({ name, lastUsedOn, uses }) => (
                <tr key={name}>
                  <td className="pr-4">{permissionText[name] ?? name}</td>
                  <td className="pr-4">{lastUsedOn === null ? common.never : localDay(lastUsedOn)}</td>
                  <td>{uses}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <p>{since === null ? words.neverCounted : words.since(localDay(since))}</p>
      </details>
    </>
  );
}
