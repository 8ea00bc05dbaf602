import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { buildReport, type ReportedCount, type ReportFacts, reportIdOf } from './build-report.ts';

const COUNT = z.int().min(0);
const MOMENT = z.iso.datetime();
/** RFC 8460 §4.4, with the result types of §4.3; strict, so that nothing else can be told by mistake. */
const REPORT = z.strictObject({
  'organization-name': z.string(),
  'date-range': z.strictObject({ 'start-datetime': MOMENT, 'end-datetime': MOMENT }),
  'contact-info': z.string(),
  'report-id': z.string().regex(/^[^\s<>@]+@[^\s<>@]+$/),
  policies: z.array(
    z.strictObject({
      policy: z.strictObject({
        'policy-type': z.enum(['tlsa', 'sts', 'no-policy-found']),
        'policy-string': z.array(z.string()).optional(),
        'policy-domain': z.string(),
        'mx-host': z.array(z.string()).optional(),
      }),
      summary: z.strictObject({
        'total-successful-session-count': COUNT,
        'total-failure-session-count': COUNT,
      }),
      'failure-details': z
        .array(
          z.strictObject({
            'result-type': z.enum([
              'starttls-not-supported',
              'certificate-host-mismatch',
              'certificate-expired',
              'certificate-not-trusted',
              'validation-failure',
              'tlsa-invalid',
              'dnssec-invalid',
              'dane-required',
              'sts-policy-fetch-error',
              'sts-policy-invalid',
              'sts-webpki-invalid',
            ]),
            'receiving-mx-hostname': z
              .string()
              .regex(/^[\w.-]+$/)
              .optional(),
            'failed-session-count': COUNT,
          }),
        )
        .optional(),
    }),
  ),
});

const FACTS: ReportFacts = {
  domain: 'company-y.example',
  day: '2026-11-25',
  submitter: 'reports.clinic.example',
  contact: 'postmaster@clinic.example',
  counts: [
    { policy: 'sts', host: 'mx1.company-y.example', result: 'success', sessions: 5_326 },
    { policy: 'sts', host: 'mx1.company-y.example', result: 'certificate-expired', sessions: 100 },
    { policy: 'sts', host: 'mx2.company-y.example', result: 'starttls-not-supported', sessions: 200 },
    { policy: 'sts', host: '', result: 'sts-policy-fetch-error', sessions: 3 },
    { policy: 'tlsa', host: 'mx3.company-y.example', result: 'success', sessions: 1 },
  ],
  policies: {
    sts: {
      lines: ['version: STSv1', 'mode: testing', 'mx: *.company-y.example', 'max_age: 86400'],
      mx: ['*.company-y.example'],
    },
    tlsa: ['3 1 1 00FF'],
  },
};

describe('a report', () => {
  it('has the structure of RFC 8460 §4.4 and the figures of the day', () => {
    const report = buildReport(FACTS);
    expect(REPORT.parse(JSON.parse(JSON.stringify(report)))).toEqual({
      'organization-name': 'reports.clinic.example',
      'date-range': { 'start-datetime': '2026-11-25T00:00:00Z', 'end-datetime': '2026-11-25T23:59:59Z' },
      'contact-info': 'postmaster@clinic.example',
      'report-id': '20261125.company-y.example@reports.clinic.example',
      policies: [
        {
          policy: { 'policy-type': 'tlsa', 'policy-string': ['3 1 1 00FF'], 'policy-domain': FACTS.domain },
          summary: { 'total-successful-session-count': 1, 'total-failure-session-count': 0 },
        },
        {
          policy: {
            'policy-type': 'sts',
            'policy-string': FACTS.policies.sts?.lines,
            'policy-domain': FACTS.domain,
            'mx-host': ['*.company-y.example'],
          },
          summary: { 'total-successful-session-count': 5_326, 'total-failure-session-count': 303 },
          'failure-details': [
            {
              'result-type': 'starttls-not-supported',
              'receiving-mx-hostname': 'mx2.company-y.example',
              'failed-session-count': 200,
            },
            {
              'result-type': 'certificate-expired',
              'receiving-mx-hostname': 'mx1.company-y.example',
              'failed-session-count': 100,
            },
            { 'result-type': 'sts-policy-fetch-error', 'failed-session-count': 3 },
          ],
        },
      ],
    });
  });

  it('says nothing of policies that are not known, and the same whatever the order of counts', () => {
    const bare = { ...FACTS, policies: { sts: null, tlsa: [] } };
    expect(JSON.stringify(buildReport(bare))).not.toMatch(/policy-string|mx-host"/);
    const turned = { ...FACTS, counts: FACTS.counts.toReversed() };
    expect(buildReport(turned)).toEqual(buildReport(FACTS));
    const other = { ...FACTS, day: '2026-11-26' };
    expect(reportIdOf(other)).not.toBe(reportIdOf(FACTS));
  });

  it('keeps its structure, its bounds and its totals with whatever stands in a zone', () => {
    const count = fc.record<ReportedCount>({
      policy: fc.constantFrom('tlsa', 'sts', 'no-policy-found'),
      host: fc.string({ unit: 'binary', maxLength: 300 }),
      result: fc.constantFrom('success', 'validation-failure', 'dnssec-invalid'),
      sessions: fc.integer({ min: 1, max: 1e12 }),
    });
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(
        fc.array(count, { maxLength: 30 }),
        fc.array(text),
        fc.array(text),
        (counts, lines, tlsa) => {
          const facts = { ...FACTS, counts, policies: { sts: { lines, mx: lines }, tlsa } };
          const { policies } = REPORT.parse(JSON.parse(JSON.stringify(buildReport(facts))));
          const told = policies.reduce(
            (sum, { summary }) =>
              sum + summary['total-successful-session-count'] + summary['total-failure-session-count'],
            0,
          );
          expect(told).toBe(counts.reduce((sum, { sessions }) => sum + sessions, 0));
        },
      ),
      { numRuns: 50 },
    );
  }, 20_000);

  it('tells at most 200 details of a policy, the gravest, and counts all', () => {
    const counts = Array.from({ length: 1_000 }, (_, index) => ({
      policy: 'no-policy-found' as const,
      host: `mx${index}.x.test`,
      result: 'certificate-expired',
      sessions: index + 1,
    }));
    const [policy] = buildReport({ ...FACTS, counts }).policies;
    expect(policy?.['failure-details']).toHaveLength(200);
    expect(policy?.['failure-details']?.[0]?.['failed-session-count']).toBe(1_000);
    expect(policy?.summary['total-failure-session-count']).toBe(500_500);
  });
});
