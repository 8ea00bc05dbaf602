import type { ReactNode } from 'react';
import type { Hop } from '../../api-types.ts';
import { Code } from '../../parts/facts.tsx';
import { When } from '../../parts/when.tsx';
import { analyserText as words } from '../../text/analyser.ts';
import { delayText, peerName, receiverName, tlsLine } from './hop-words.ts';
import { VerdictMark } from './verdict-mark.tsx';

const HEAD = 'border-b border-line-strong px-2 py-2 text-xs font-medium whitespace-nowrap text-ink-2';

/** All that is known of each hop, in the order in which they happened. */
export function HopTable({ hops }: { hops: readonly Hop[] }) {
  const { hop, from, by, protocol, time, delay, tls, verdict } = words.columns;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard (WCAG 2.1.1)
    <section className="grid-box overflow-x-auto" aria-label={words.table} tabIndex={0}>
      <table className="w-full border-collapse text-left">
        <thead className="phone:sr-only">
          <tr>
            {[hop, from, by, protocol, time, delay, tls, verdict].map((name) => (
              <th key={name} scope="col" className={HEAD}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {hops.map((one) => (
            <Row key={one.position} hop={one} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ hop }: { hop: Hop }) {
  const { columns } = words;
  const { claimedName, resolvedName, address } = hop.from;
  return (
    <tr className="grid-row border-b border-line">
      <Cell label={columns.hop} lead>
        <span className="font-semibold">{hop.position}</span>
      </Cell>
      <Cell label={columns.from} wide>
        {hop.text !== null ? (
          <Code>{hop.text}</Code>
        ) : (
          <>
            <div>{peerName(hop)}</div>
            {address !== null && address !== peerName(hop) && <Code>{address}</Code>}
            {resolvedName !== null && claimedName !== null && claimedName !== resolvedName && (
              <div className="text-ink-2">{words.saidToBe(claimedName)}</div>
            )}
          </>
        )}
      </Cell>
      <Cell label={columns.by} wide>
        <div>{receiverName(hop)}</div>
        {hop.software && <div className="text-ink-2">{hop.software}</div>}
      </Cell>
      <Cell label={columns.protocol}>
        {hop.protocol !== null ? (
          <span className="whitespace-nowrap">{hop.protocol}</span>
        ) : (
          <span className="text-ink-2">{words.unknown}</span>
        )}
      </Cell>
      <Cell label={columns.time} dated>
        {hop.time === null ? (
          <span className="text-ink-2">{words.unknown}</span>
        ) : (
          <When time={hop.time} as="long" />
        )}
      </Cell>
      <Cell label={columns.delay}>
        <span className="whitespace-nowrap">
          {hop.delaySeconds === null ? '–' : delayText(hop.delaySeconds)}
        </span>
        {hop.clockSkew && <div className="text-held">{words.clock}</div>}
      </Cell>
      <Cell label={columns.tls} wide>
        {hop.tls === null ? (
          <span className="text-ink-2">{words.unknown}</span>
        ) : (
          <>
            <div>{tlsLine(hop)}</div>
            {hop.tls.clientCertificate !== null && (
              <div className="text-ink-2">{words.client[hop.tls.clientCertificate]}</div>
            )}
          </>
        )}
      </Cell>
      <Cell label={columns.verdict}>
        <div className="flex flex-col gap-1">
          <div>
            <VerdictMark verdict={hop.verdict} />
          </div>
          <p>
            {words.basis[hop.verdict.basis]}{' '}
            {hop.verdict.receiver !== null && words.receiver(hop.verdict.receiver)}
          </p>
          <p className="text-ink-2">
            {words.confidenceIs(words.confidence[hop.verdict.confidence])} · {words.trust[hop.trust]}
          </p>
        </div>
      </Cell>
    </tr>
  );
}

function Cell({
  label,
  lead = false,
  wide = false,
  dated = false,
  children,
}: {
  label: string;
  lead?: boolean;
  /** Holds names: not narrower than most of them. */
  wide?: boolean;
  /** Holds a date and a time: neither is broken. */
  dated?: boolean;
  children: ReactNode;
}) {
  return (
    <td
      data-label={label}
      data-lead={lead}
      className={`px-2 py-2.5 align-top [overflow-wrap:anywhere] [&_time]:whitespace-normal ${wide ? 'md:min-w-40' : ''} ${dated ? 'md:min-w-28' : ''}`}
    >
      <div className="min-w-0">{children}</div>
    </td>
  );
}
