import type { HeaderAnalysis, Hop } from '#platform/mail';
import type { DomainReport } from '#products/analyser';

const BASIS: Readonly<Record<Hop['verdict']['basis'], string>> = {
  'tls-note': 'the line notes it',
  protocol: 'the protocol’s name says so',
  'same-host': 'within one host',
  'private-address': 'from a private address',
  'local-program': 'from a program on the host',
  'local-protocol': 'by a protocol that stays inside',
  'same-organisation': 'between hosts of one organisation',
  'receiver-records-tls': 'inferred: this receiver always notes TLS, and noted none',
  'null-cipher': 'the cipher encrypts nothing',
  'no-note': 'the line says nothing, which proves nothing',
  'probably-clear': 'the line says nothing; its program usually would',
  malformed: 'the line cannot be read',
};

const KIND: Readonly<Record<Hop['verdict']['kind'], string>> = {
  encrypted: 'ENCRYPTED',
  internal: 'internal',
  clear: 'CLEAR',
  'not-recorded': 'not recorded',
  unreadable: 'unreadable',
};

const OVERALL: Readonly<Record<HeaderAnalysis['overall']['kind'], string>> = {
  encrypted: 'Every leg between servers that the header shows was encrypted.',
  'not-proven': 'Not proven: some leg tells nothing of encryption. That is not proof of its absence.',
  clear: 'At least one leg was not encrypted, as far as can be told.',
  'nothing-to-judge': 'There is no leg between servers to judge.',
};

const REASON: Readonly<Record<HeaderAnalysis['overall']['reasons'][number]['code'], string>> = {
  'leg-clear': 'not encrypted',
  'leg-not-recorded': 'says nothing of encryption',
  'leg-unreadable': 'cannot be read',
  'leg-weak': 'encrypted in a way that no longer holds',
  'legs-encrypted': 'encrypted',
  'legs-internal': 'stayed inside of one organisation',
  'lines-claimed': 'written by the sender’s side, which could have made it up',
  'clock-skew': 'a clock is wrong: earlier than the hop before',
  'no-received-lines': 'no Received line',
};

/** An analysis as lines for a terminal. */
export function analysisLines(analysis: HeaderAnalysis): string[] {
  const { overall, leftOut, truncated, totalSeconds } = analysis;
  const lines = analysis.hops.flatMap(hopLines);
  lines.push('', OVERALL[overall.kind], `Confidence: ${overall.confidence}.`);
  for (const { code, hops } of overall.reasons)
    lines.push(`  hop ${hops.join(', ') || '-'}: ${REASON[code]}`);
  if (totalSeconds !== null) lines.push(`On the way for ${totalSeconds} s.`);
  if (leftOut > 0) lines.push(`${leftOut} more Received lines were not looked at.`);
  if (truncated) lines.push('The header is longer than 256 KiB; the rest was not looked at.');
  lines.push('', 'No header shows:');
  for (const { leg, hop } of analysis.hiddenLegs) {
    const what =
      leg === 'author-to-first-server'
        ? 'from the author to the first server'
        : 'from the last server to the reader';
    lines.push(`  ${what}${hop === null ? '' : ` (hop ${hop} looks like it)`}`);
  }
  return lines;
}

function hopLines({ position, received, verdict, text, delaySeconds, clockSkew, trust }: Hop): string[] {
  const weak = verdict.kind === 'encrypted' && verdict.weak ? ', weak' : '';
  const head = `${String(position).padStart(3)}  ${KIND[verdict.kind]}${weak} (${verdict.confidence}): ${BASIS[verdict.basis]}`;
  if (received === null) return [head, `     ${text ?? ''}`];
  const { from, by, protocol, tls, time } = received;
  const peer = [
    from.resolvedName ?? from.claimedName ?? '?',
    from.address === null ? '' : `[${from.address}]`,
  ];
  const facts = [
    protocol,
    tls?.version,
    tls?.cipher,
    tls?.bits ? `${tls.bits} bits` : null,
    time?.toISOString(),
    delaySeconds === null
      ? null
      : `${delaySeconds >= 0 ? '+' : ''}${delaySeconds} s${clockSkew ? ' (clock)' : ''}`,
    trust === 'claimed' ? 'sender’s claim' : null,
  ].filter((fact) => fact !== null && fact !== undefined);
  return [
    head,
    `     ${peer.join(' ').trim()} → ${by.name ?? by.address ?? '?'}`,
    `     ${facts.join(' · ')}`,
  ];
}

const OUTCOME: Readonly<Record<DomainReport['hosts'][number]['outcome'], string>> = {
  verified: 'TLS, certificate verified',
  unverified: 'TLS, certificate not verified',
  'no-tls': 'no usable TLS',
  refused: 'refused to talk',
  unreachable: 'not reached',
};

/** A domain's report as lines for a terminal. */
export function reportLines(report: DomainReport): string[] {
  const { domain, route, routeCode, dnssec, hosts, mtaSts, smartHost } = report;
  const lines = [
    `${domain}: ${route === 'none' ? 'takes no mail' : `route ${route}`}${routeCode === null ? '' : ` (${routeCode})`}${dnssec ? ', DNSSEC' : ''}`,
  ];
  for (const { host, preference, outcome, failure, detail, transport, dane } of hosts) {
    const { tlsVersion, cipher, certificateNotAfter } = transport;
    const facts = [
      tlsVersion,
      cipher,
      certificateNotAfter === null
        ? null
        : `certificate until ${certificateNotAfter.toISOString().slice(0, 10)}`,
      failure,
      detail,
      `DANE ${dane.kind}`,
    ].filter((fact) => fact !== null);
    lines.push(`${String(preference).padStart(5)}  ${host}: ${OUTCOME[outcome]} · ${facts.join(' · ')}`);
  }
  lines.push(`MTA-STS: ${mtaSts.kind === 'policy' ? mtaSts.mode : mtaSts.kind}`);
  if (smartHost !== null)
    lines.push(`All mail goes through the relay ${smartHost}: these hosts are not asked by Sealpost.`);
  for (const { class: cls, kind, decision } of report.outlook) {
    const why = decision.reasons.map(({ code, parameters }) =>
      [code, parameters.failure].filter(Boolean).join(' '),
    );
    lines.push(
      `A message of class ${cls}: ${kind === 'waits' ? 'would wait and be tried again' : decision.method} (${why.join('; ')})`,
    );
  }
  return lines;
}
