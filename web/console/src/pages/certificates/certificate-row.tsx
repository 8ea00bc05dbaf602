import type { ReactNode } from 'react';
import type { CertificateStanding } from '../../api-types.ts';
import { Code } from '../../parts/facts.tsx';
import { When } from '../../parts/when.tsx';
import { certificatesText as words } from '../../text/certificates.ts';
import { unusableWords } from '../../text/decisions.ts';

interface Shown {
  issuer: string;
  notBefore: string;
  notAfter: string;
  fingerprint: string;
  key: string;
}

/** One certificate: whose it is, who issued it, how long it is valid, and what it is worth now. */
export function CertificateRow(props: {
  name: string;
  note?: string;
  certificate: Shown;
  standing: CertificateStanding | null;
  actions: ReactNode;
}) {
  const { certificate, standing } = props;
  return (
    <li className="flex flex-wrap items-start gap-x-6 gap-y-2 border-b border-line py-3">
      <div className="min-w-0 flex-1 basis-72">
        <p className="flex flex-wrap items-center gap-x-2">
          <span className="font-medium [overflow-wrap:anywhere]">{props.name}</span>
          {standing && <StandingMark standing={standing} />}
        </p>
        {props.note && <p className="text-ink-2">{props.note}</p>}
        <p className="text-ink-2 [overflow-wrap:anywhere]">
          {words.issuer} {certificate.issuer}
        </p>
        <p>
          <Code>{certificate.fingerprint}</Code>
        </p>
      </div>
      <dl className="grid grid-cols-[auto_auto] gap-x-3 text-ink-2">
        <dt>{words.key}</dt>
        <dd>{certificate.key}</dd>
        <dt>{words.valid}</dt>
        <dd>
          <When time={certificate.notBefore} />
        </dd>
        <dt>{words.until}</dt>
        <dd>
          <When time={certificate.notAfter} />
        </dd>
      </dl>
      {props.actions}
    </li>
  );
}

function StandingMark({ standing }: { standing: CertificateStanding }) {
  const reason = standing.reason === null ? undefined : unusableWords[standing.reason];
  const text = words.states[standing.state] ?? standing.state;
  return (
    <span
      className={`rounded bg-paper-3 px-1.5 py-0.5 text-xs font-medium ${standing.state === 'usable' ? 'text-ink-2' : 'text-failed'}`}
    >
      {reason === undefined ? text : `${text}: ${reason}`}
    </span>
  );
}
