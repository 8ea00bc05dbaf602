import type { HeaderAnalysis, Hop } from '#platform/mail';
import type { CheckedHost, DomainReport } from './check-domain.ts';

const NOBODY = { claimedName: null, resolvedName: null, address: null };

/** An analysis as the API gives it: times as text, every field of a hop present. */
export function analysisView(analysis: HeaderAnalysis) {
  const { overall, hiddenLegs, totalSeconds, leftOut, truncated } = analysis;
  return {
    hops: analysis.hops.map(hopView),
    overall: {
      kind: overall.kind,
      confidence: overall.confidence,
      reasons: overall.reasons.map(({ code, hops }) => ({ code, hops: [...hops] })),
    },
    hiddenLegs: [...hiddenLegs],
    totalSeconds,
    leftOut,
    truncated,
  };
}

function hopView({ received, verdict, ...hop }: Hop) {
  const { kind, basis, confidence } = verdict;
  return {
    position: hop.position,
    from: received?.from ?? NOBODY,
    by: received?.by ?? { name: null, address: null },
    protocol: received?.protocol ?? null,
    software: received?.software ?? null,
    id: received?.id ?? null,
    recipient: received?.recipient ?? null,
    time: received?.time?.toISOString() ?? null,
    delaySeconds: hop.delaySeconds,
    clockSkew: hop.clockSkew,
    tls: received?.tls ?? null,
    internal: hop.internal,
    trust: hop.trust,
    verdict: {
      kind,
      basis,
      confidence,
      weak: verdict.kind === 'encrypted' && verdict.weak,
      receiver: verdict.kind === 'clear' ? verdict.receiver : null,
    },
    text: hop.text,
  };
}

export function reportView(report: DomainReport) {
  return {
    ...report,
    hosts: report.hosts.map(hostView),
    mtaSts: report.mtaSts.kind === 'policy' ? { ...report.mtaSts, mx: [...report.mtaSts.mx] } : report.mtaSts,
    outlook: report.outlook.map(({ class: cls, kind, decision }) => ({
      class: cls,
      kind,
      decision: {
        ...decision,
        order: [...decision.order],
        reasons: decision.reasons.map(({ code, parameters }) => ({ code, parameters: { ...parameters } })),
      },
    })),
  };
}

function hostView({ transport, ...host }: CheckedHost) {
  const { address, tlsVersion, cipher, authenticatedBy, certificateFingerprint: fingerprint } = transport;
  const certificate =
    fingerprint === null
      ? null
      : {
          subject: transport.certificateSubject ?? '',
          issuer: transport.certificateIssuer ?? '',
          notAfter: moment(transport.certificateNotAfter),
          fingerprint,
        };
  return {
    ...host,
    tlsVersions: [...host.tlsVersions],
    address,
    tlsVersion,
    cipher,
    authenticatedBy,
    certificate,
  };
}

/** A certificate may carry a date that is none. */
function moment(date: Date | null): string | null {
  return date === null || Number.isNaN(date.getTime()) ? null : date.toISOString();
}
