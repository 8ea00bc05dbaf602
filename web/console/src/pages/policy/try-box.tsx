import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { PolicyDocument } from '../../api-types.ts';
import { replaysQuery, startReplay } from '../../data/policy-workbench.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Section } from '../../parts/page.tsx';
import { workbenchText as words } from '../../text/policy-workbench.ts';

/** Starts a try of this policy on the decisions of some days, and goes to its result. */
export function TryBox({ document, disabled }: { document: PolicyDocument; disabled: boolean }) {
  const [days, setDays] = useState(7);
  const navigate = useNavigate();
  const client = useQueryClient();
  const start = useMutation({
    mutationFn: () => startReplay(document, days),
    onSuccess: async (replay) => {
      await client.invalidateQueries({ queryKey: replaysQuery.queryKey });
      await navigate({ to: '/settings/policy/replays/$id', params: { id: replay.id } });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  return (
    <Section title={words.tryTitle}>
      <p className="prose-width text-ink-2">{words.tryLead}</p>
      <form onSubmit={submit} className="flex flex-wrap items-end gap-3">
        <TextField
          label={words.days}
          type="number"
          className="w-24"
          min={1}
          max={30}
          required
          value={days}
          onChange={(event) => setDays(event.target.valueAsNumber || 0)}
        />
        <Button type="submit" busy={start.isPending} disabled={disabled}>
          {words.tryGo}
        </Button>
      </form>
      <ActFailure error={start.error} />
    </Section>
  );
}
