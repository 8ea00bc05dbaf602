import { useQuery } from '@tanstack/react-query';
import type { EarlierOrganisationKey, OrganisationKey } from '../../api-types.ts';
import { ownKeyQuery } from '../../data/keys.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { CopyBox } from '../../parts/copy-box.tsx';
import { downloadText } from '../../parts/download.ts';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Code, Facts } from '../../parts/facts.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { keysText as words } from '../../text/keys.ts';
import { fingerprintGroups } from './fingerprint.ts';
import { KeepRevocation, RevokeKey, RotateKey } from './own-key-acts.tsx';

/** The organisation's own OpenPGP key, and those before it. */
export function OwnKey() {
  const own = useQuery(ownKeyQuery);
  return (
    <Section title={words.own}>
      <p className="prose-width text-ink-2">{words.ownLead}</p>
      {own.isPending && <RowsSkeleton rows={2} label={words.loading} />}
      {own.isError && <Failure error={own.error} retry={() => void own.refetch()} />}
      {own.data && <Current own={own.data} />}
      {own.data && own.data.earlier.length > 0 && <Earlier keys={own.data.earlier} />}
    </Section>
  );
}

function Current({ own }: { own: OrganisationKey }) {
  const may = useMay('recipient-keys:write');
  return (
    <>
      {own.extensionFailedAt && (
        <Notice tone="failed" title={words.extensionFailedTitle}>
          {words.extensionFailed} <When time={own.extensionFailedAt} />
        </Notice>
      )}
      <Facts
        facts={[
          [words.ownAddress, own.address],
          [words.fingerprint, <Code key="fingerprint">{fingerprintGroups(own.fingerprint)}</Code>],
          [words.made, <When key="made" time={own.createdAt} />],
          [words.expires, own.expiresAt && <Ends key="ends" time={own.expiresAt} />],
        ]}
      />
      <details>
        <summary className="w-fit text-ink-2">{words.ownShow}</summary>
        <div className="mt-2 whitespace-pre-wrap">
          <CopyBox label={words.ownPublic} text={own.publicKey} />
        </div>
      </details>
      <div className="flex flex-wrap gap-2">
        <SaveKey fingerprint={own.fingerprint} publicKey={own.publicKey} />
        {may && (
          <>
            <KeepRevocation id={own.id} fingerprint={own.fingerprint} />
            <RotateKey fingerprint={own.fingerprint} />
            <RevokeKey id={own.id} current />
          </>
        )}
      </div>
    </>
  );
}

function Ends({ time }: { time: string }) {
  return (
    <>
      <When time={time} /> <span className="text-ink-2">{words.putOff}</span>
    </>
  );
}

function SaveKey({ fingerprint, publicKey }: { fingerprint: string; publicKey: string }) {
  return (
    <Button onClick={() => downloadText(`${fingerprint.slice(-16)}.asc`, publicKey, 'application/pgp-keys')}>
      {words.savePublic}
    </Button>
  );
}

function Earlier({ keys }: { keys: readonly EarlierOrganisationKey[] }) {
  const may = useMay('recipient-keys:write');
  return (
    <section aria-label={words.earlier} className="flex flex-col gap-2">
      <h3 className="font-semibold">{words.earlier}</h3>
      <p className="prose-width text-ink-2">{words.earlierLead}</p>
      <ul className="border-t border-line">
        {keys.map((key) => (
          <li key={key.id} className="flex flex-wrap items-start gap-x-6 gap-y-2 border-b border-line py-3">
            <div className="flex min-w-0 flex-1 basis-96 flex-col gap-1">
              <p className="flex flex-wrap items-center gap-2">
                <Code>{fingerprintGroups(key.fingerprint)}</Code>
                <span className="rounded bg-paper-3 px-1.5 py-0.5 text-xs font-medium text-ink-2">
                  {words.ownStates[key.state]}
                </span>
              </p>
              <Facts
                facts={[
                  [words.made, <When key="made" time={key.createdAt} />],
                  [words.retired, key.retiredAt && <When key="retired" time={key.retiredAt} />],
                  [words.revokedAt, key.revokedAt && <When key="revoked" time={key.revokedAt} />],
                  [words.reason, key.revocationReason && words.reasons[key.revocationReason]],
                  [words.published, key.publishedUntil && <When key="until" time={key.publishedUntil} />],
                ]}
              />
            </div>
            <div className="flex flex-wrap gap-2">
              <SaveKey fingerprint={key.fingerprint} publicKey={key.publicKey} />
              {may && key.state === 'retired' && <RevokeKey id={key.id} current={false} />}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
