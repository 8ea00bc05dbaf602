import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Siren } from 'lucide-react';
import { emergencyRunningQuery, endEmergency } from '../data/safeguards.ts';
import { When } from '../parts/when.tsx';
import { emergencyText as words } from '../text/safeguards.ts';

/** Above every page while the reader has emergency access. */
export function EmergencyBanner() {
  const { data } = useQuery(emergencyRunningQuery);
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: (id: string) => endEmergency(id),
    onSettled: () => client.invalidateQueries(),
  });
  const running = data?.running ?? null;
  if (running === null) return null;
  return (
    <section
      aria-label={words.title}
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-failed-line bg-failed-soft px-4 py-1.5 text-failed"
    >
      <Siren aria-hidden="true" className="size-4 shrink-0" />
      <p className="min-w-0 flex-1 font-medium" role="status">
        {words.running} {words.until} <When time={running.expiresAt} />
      </p>
      <button
        type="button"
        disabled={end.isPending}
        onClick={() => end.mutate(running.id)}
        className="whitespace-nowrap underline underline-offset-3"
      >
        {words.end}
      </button>
    </section>
  );
}
