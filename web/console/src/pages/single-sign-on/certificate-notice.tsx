import { Notice } from '../../parts/notice.tsx';
import { When } from '../../parts/when.tsx';
import { ssoText as words } from '../../text/single-sign-on.ts';

const SOON_MS = 30 * 24 * 60 * 60_000;

/** Warns before the provider's certificates end. */
export function CertificateNotice({ certificates }: { certificates: readonly { notAfter: string }[] }) {
  const ends = certificates.map(({ notAfter }) => notAfter).sort();
  // While one of several is good for long, its change is under way already.
  const last = ends.at(-1);
  if (last === undefined) return null;
  const left = Date.parse(last) - Date.now();
  if (left > SOON_MS) {
    return (
      <p className="text-ink-2">
        {words.certificates}: {words.until} <When time={last} />
      </p>
    );
  }
  return (
    <Notice
      tone={left > 0 ? 'held' : 'failed'}
      title={left > 0 ? words.certificateSoon : words.certificateOver}
    >
      {words.until} <When time={last} />
    </Notice>
  );
}
