import type { ReviewRow } from './review.store.ts';
import type { ItemView } from './review-routes.ts';

const HEAD = [
  'kind',
  'id',
  'name',
  'person',
  'holds',
  'last used',
  'roles used',
  'permissions used',
  'counted since',
  'decision',
  'decided by',
  'decided at',
  'audit entry',
];

/** The lines as RFC 4180 has it, with CRLF. */
export function reportCsv(lines: readonly ItemView[]): string {
  const rows = lines.map((line) => [
    line.kind,
    line.subject,
    line.label,
    line.person?.label ?? '',
    line.holds.join(' '),
    line.lastUsedAt ?? '',
    used(line.usage?.roles),
    used(line.usage?.permissions),
    line.usage?.since ?? '',
    line.decision ?? '',
    line.decidedBy?.label ?? '',
    line.decidedAt ?? '',
    line.auditEntry ?? '',
  ]);
  return [HEAD, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** `nurse: 12, last 2026-11-27; auditor: never`; empty where it was not looked at. */
function used(uses: NonNullable<ItemView['usage']>['roles'] | undefined): string {
  return (uses ?? [])
    .map((one) => `${one.name}: ${one.lastUsedOn === null ? 'never' : `${one.uses}, last ${one.lastUsedOn}`}`)
    .join('; ');
}

/** Quoted; what a spreadsheet would take for a formula begins with an apostrophe instead. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${plain.replaceAll('"', '""')}"`;
}

/** The same for programs. */
export function reportJson(review: ReviewRow, lines: readonly ItemView[]): string {
  const { id, name, audience, audience_id: audienceId } = review;
  const head = {
    ...{ id, name, audience, audienceId, reviewers: review.reviewers },
    ...{ createdAt: review.created_at, dueAt: review.due_at, closedAt: review.closed_at },
  };
  return JSON.stringify({ ...head, items: lines.map(({ mayDecide: _may, ...line }) => line) }, null, 2);
}
