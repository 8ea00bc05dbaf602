import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { keyRuleQuery, setKeyRule } from '../../data/machine-keys.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { machinesText as words } from '../../text/machine-keys.ts';

/** How long new keys may live, and the way to change it. */
export function KeyRule({ may }: { may: boolean }) {
  const rule = useQuery(keyRuleQuery);
  const [open, setOpen] = useState(false);
  const [days, setDays] = useState('');
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => setKeyRule(Number(days)),
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries({ queryKey: keyRuleQuery.queryKey });
    },
  });
  if (!rule.data) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const begin = () => {
    setDays(String(rule.data.longestDays));
    setOpen(true);
  };
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-ink-2">
      {words.rule}: {words.days(rule.data.longestDays)}
      {may && <Button onClick={begin}>{words.change}</Button>}
      <Dialog open={open} onOpenChange={setOpen} title={words.rule}>
        <form onSubmit={submit} className="flex flex-col gap-4">
          <TextField
            label={words.ruleLabel}
            required
            inputMode="numeric"
            pattern="[0-9]{1,4}"
            value={days}
            error={fieldError(save.error, 'longestDays')}
            onChange={(event) => setDays(event.target.value)}
          />
          <ActFailure error={save.error} />
          <div className="flex justify-end gap-2">
            <Button onClick={() => setOpen(false)}>{common.cancel}</Button>
            <Button type="submit" kind="primary" busy={save.isPending}>
              {words.change}
            </Button>
          </div>
        </form>
      </Dialog>
    </p>
  );
}
