import type { AlertSeverity } from '../../api-types.ts';
import { monitoringText } from '../../text/monitoring.ts';

const TONES: Readonly<Record<AlertSeverity, string>> = {
  low: 'border-line text-ink-2',
  medium: 'border-held-line bg-held-soft text-held',
  high: 'border-failed-line bg-failed-soft text-failed',
  critical: 'border-failed-line bg-failed-soft text-failed font-semibold',
};

/** Said in words; the colour only helps. */
export function Severity({ value }: { value: AlertSeverity }) {
  return (
    <span
      className={`inline-block min-w-16 shrink-0 rounded border px-1.5 text-center text-xs leading-5 ${TONES[value]}`}
    >
      {monitoringText.severities[value]}
    </span>
  );
}
