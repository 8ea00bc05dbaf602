import type { SsoConnection } from '../../api-types.ts';
import { CopyBox } from '../../parts/copy-box.tsx';
import { ssoText as words } from '../../text/single-sign-on.ts';

const SHOWN = {
  oidc: ['redirectUri', 'backChannelLogoutUri', 'keysUri'],
  saml: ['entityId', 'acsUrl', 'logoutUrl'],
} as const;

/** What must be entered at the provider. */
export function ValuesForProvider({ connection: { kind, places, startUrl } }: { connection: SsoConnection }) {
  const values = SHOWN[kind].map((name) => [words.valueNames[name] ?? name, places[name]] as const);
  return (
    <dl className="mt-3 flex flex-col gap-4">
      {[...values, [words.startUrl, startUrl] as const].map(([label, value]) => (
        <div key={label} className="flex flex-col gap-1">
          <dt className="text-ink-2">{label}</dt>
          <dd>
            <CopyBox label={label} text={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
