import { useMutation } from '@tanstack/react-query';
import { Globe, Lock, LockKeyholeOpen, LockOpen, type LucideIcon, PlugZap, ServerOff } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { CheckedHost, DomainReport } from '../../api-types.ts';
import { checkDomain } from '../../data/analyser.ts';
import { Button } from '../../parts/button.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { Facts } from '../../parts/facts.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { SealMark } from '../../parts/seal-mark.tsx';
import { When } from '../../parts/when.tsx';
import { analyserText as words } from '../../text/analyser.ts';
import { common } from '../../text/common.ts';
import { codeWords, reasonWords } from '../../text/decisions.ts';
import { tlsName } from '../message/transport-line.ts';

/** Look at a recipient domain's mail servers; see what Sealpost would do. */
export function DomainTab() {
  const [domain, setDomain] = useState('');
  const check = useMutation({ mutationFn: checkDomain });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    check.mutate(domain.trim());
  };
  return (
    <div className="flex flex-col gap-6">
      <form onSubmit={submit} className="grid max-w-2xl gap-3 md:grid-cols-[1fr_auto] md:items-end">
        <TextField
          label={words.domain}
          hint={words.domainHint}
          error={fieldError(check.error, 'domain')}
          required
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={domain}
          onChange={(event) => setDomain(event.target.value)}
        />
        <Button type="submit" kind="primary" busy={check.isPending}>
          {words.check}
        </Button>
      </form>
      <div aria-live="polite" className="flex flex-col gap-6 empty:hidden">
        {check.isPending && <RowsSkeleton rows={3} label={words.checking} />}
        {check.error && <ActFailure error={check.error} />}
        {check.data && <Report report={check.data} />}
      </div>
      {check.isIdle && (
        <Empty icon={<Globe />} title={words.domainEmptyTitle}>
          {words.domainEmpty}
        </Empty>
      )}
    </div>
  );
}

function Report({ report }: { report: DomainReport }) {
  const { domain, route, routeCode, dnssec, hosts, hostsLeftOut, mtaSts, smartHost, outlook } = report;
  const policy =
    mtaSts.kind === 'policy' ? `${words.finding.policy}: ${mtaSts.mode}` : words.finding[mtaSts.kind];
  return (
    <>
      <Section title={words.serversOf(domain)}>
        {route === 'none' || route === 'unknown' ? (
          <Notice tone="held" title={`${words.route[route]}.`}>
            {routeCode !== null && codeWords(routeCode, { domain })}
          </Notice>
        ) : (
          <>
            <p className="text-ink-2">
              {words.route[route]}. {dnssec && words.dnssec}
            </p>
            {smartHost !== null && <Notice>{words.relay(smartHost)}</Notice>}
            <HostTable hosts={hosts} domain={domain} />
            {hostsLeftOut > 0 && <p>{words.moreServers(hostsLeftOut)}</p>}
            <Facts facts={[[words.mtaSts, policy]]} />
          </>
        )}
      </Section>
      {outlook.length > 0 && <Would outlook={outlook} />}
    </>
  );
}

const HEAD =
  'border-b border-line-strong px-3 py-2 text-xs font-medium whitespace-nowrap text-ink-2 first:pl-2';

function HostTable({ hosts, domain }: { hosts: readonly CheckedHost[]; domain: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard (WCAG 2.1.1)
    <section className="grid-box overflow-x-auto" aria-label={words.serversOf(domain)} tabIndex={0}>
      <table className="w-full border-collapse text-left">
        <thead className="phone:sr-only">
          <tr>
            {Object.values(words.serverColumns).map((name) => (
              <th key={name} scope="col" className={HEAD}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {hosts.map((host) => (
            <HostRow key={host.host} host={host} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function HostRow({ host }: { host: CheckedHost }) {
  const { serverColumns: columns } = words;
  const { certificate, dane } = host;
  return (
    <tr className="grid-row border-b border-line">
      <Cell label={columns.host}>
        <div className="font-medium">{host.host}</div>
        <div className="text-ink-2">{words.preference(host.preference)}</div>
      </Cell>
      <Cell label={columns.outcome}>
        <OutcomeMark outcome={host.outcome} />
        {host.failure !== null && <p className="mt-1">{codeWords(host.failure, { host: host.host })}</p>}
        {host.detail !== null && <p className="mt-1">{words.detail[host.detail] ?? host.detail}</p>}
      </Cell>
      <Cell label={columns.tls}>
        {host.tlsVersion === null ? (
          <span className="text-ink-2">{common.none}</span>
        ) : (
          <>
            <div className="whitespace-nowrap">{host.tlsVersions.map(tlsName).join(', ')}</div>
            <div className="text-ink-2">{host.cipher}</div>
          </>
        )}
      </Cell>
      <Cell label={columns.certificate}>
        {certificate === null ? (
          <span className="text-ink-2">{common.none}</span>
        ) : (
          <>
            <div>{certificate.subject}</div>
            <div className="text-ink-2">{words.issuedBy(certificate.issuer)}</div>
            {certificate.notAfter !== null && (
              <div className="text-ink-2">
                {words.validUntil} <When time={certificate.notAfter} as="long" />
              </div>
            )}
          </>
        )}
      </Cell>
      <Cell label={columns.dane}>
        {dane.kind === 'records'
          ? `${words.finding.records}: ${dane.usable + dane.unusable}`
          : words.finding[dane.kind]}
      </Cell>
    </tr>
  );
}

function Cell({ label, children }: { label: string; children: ReactNode }) {
  return (
    <td data-label={label} className="px-3 py-2.5 align-top [overflow-wrap:anywhere] first:pl-2">
      <div className="min-w-0">{children}</div>
    </td>
  );
}

const OUTCOMES: Readonly<Record<CheckedHost['outcome'], { tone: string; icon: LucideIcon }>> = {
  verified: { tone: 'bg-done-soft text-done', icon: Lock },
  unverified: { tone: 'bg-held-soft text-held', icon: LockKeyholeOpen },
  'no-tls': { tone: 'bg-failed-soft text-failed', icon: LockOpen },
  refused: { tone: 'bg-held-soft text-held', icon: PlugZap },
  unreachable: { tone: 'bg-held-soft text-held', icon: ServerOff },
};

function OutcomeMark({ outcome }: { outcome: CheckedHost['outcome'] }) {
  const { tone, icon: Icon } = OUTCOMES[outcome];
  return (
    <span
      data-outcome={outcome}
      className={`inline-flex items-center gap-1 rounded px-1.5 py-0.5 text-xs font-medium ${tone}`}
    >
      <Icon aria-hidden="true" className="size-3.5 shrink-0" />
      {words.outcome[outcome]}
    </span>
  );
}

function Would({ outlook }: { outlook: DomainReport['outlook'] }) {
  return (
    <Section title={words.would}>
      <p className="text-ink-2">{words.wouldLead}</p>
      <ul className="flex flex-col gap-3">
        {outlook.map(({ class: cls, kind, decision }) => (
          <li key={cls} className="border-l-4 border-action bg-paper-2 px-4 py-3">
            <p className="text-ink-2">{words.classOf(common.class[cls])}</p>
            <div className="text-base font-semibold">
              {kind === 'waits' ? words.waits : <SealMark name={decision.method} words />}
            </div>
            <ol className="mt-1.5 flex list-decimal flex-col gap-0.5 pl-5">
              {kind === 'waits' && <li>{words.waitsWhy}</li>}
              {decision.reasons.map((reason) => {
                const sentence = reasonWords(reason.code, reason.parameters);
                return kind === 'waits' && reason.code === 'method-chosen' ? null : (
                  <li key={sentence}>{sentence}</li>
                );
              })}
            </ol>
          </li>
        ))}
      </ul>
    </Section>
  );
}
