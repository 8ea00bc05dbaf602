import { Code } from '../../parts/facts.tsx';
import { setupText as words } from '../../text/sign-in.ts';

/** The secret of an authenticator app: to scan, to open on this device, or to type. */
export function TotpPicture({ svg, secret, uri }: { svg: string; secret: string; uri: string }) {
  return (
    <>
      <p>{words.totpLead}</p>
      <a href={uri} className="self-start rounded-md border border-line bg-white p-2">
        <img
          src={`data:image/svg+xml,${encodeURIComponent(svg)}`}
          alt={words.totpQr}
          width={200}
          height={200}
        />
      </a>
      <details>
        <summary className="w-fit text-ink-2">{words.totpManual}</summary>
        <p className="mt-2">
          <Code>{secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</Code>
        </p>
      </details>
    </>
  );
}
