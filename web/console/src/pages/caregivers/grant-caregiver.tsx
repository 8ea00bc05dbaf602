import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { CaregiverGrant } from '../../api-types.ts';
import { caregiversQuery, grantCaregiver, type NewCaregiver } from '../../data/caregivers.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { Choice, TextArea, TextField, Tick } from '../../parts/field.tsx';
import { caregiversText as words } from '../../text/caregivers.ts';
import { common } from '../../text/common.ts';

type Relation = CaregiverGrant['relation'];
type Class = CaregiverGrant['highestClass'];

const STREAMS: readonly CaregiverGrant['streams'][number][] = ['transactional', 'business', 'marketing'];
const RELATIONS = Object.keys(words.relations) as Relation[];
const CLASSES = Object.keys(words.classes) as Class[];
const DEFAULT_DAYS = 90;

/** A grant, as staff give it: who, whose, which messages, until when, and why. */
export function GrantCaregiver(props: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open={props.open} onOpenChange={props.onOpenChange} title={words.add} wide>
      <GrantForm onEnd={() => props.onOpenChange(false)} />
    </Dialog>
  );
}

function GrantForm({ onEnd }: { onEnd: () => void }) {
  const [draft, setDraft] = useState<NewCaregiver>(blank);
  const client = useQueryClient();
  const grant = useMutation({
    mutationFn: () =>
      grantCaregiver({
        ...draft,
        patientAddress: draft.patientAddress.trim(),
        caregiverAddress: draft.caregiverAddress.trim(),
        expiresAt: new Date(`${draft.expiresAt}T23:59:59`).toISOString(),
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: caregiversQuery.queryKey });
      onEnd();
    },
  });
  const change = (part: Partial<NewCaregiver>) => setDraft({ ...draft, ...part });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    grant.mutate();
  };
  const error = (path: string) => fieldError(grant.error, path);
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <ActFailure error={grant.error} />
      <TextField
        label={words.patient}
        type="email"
        required
        autoComplete="off"
        value={draft.patientAddress}
        error={error('patientAddress')}
        onChange={(event) => change({ patientAddress: event.target.value })}
      />
      <TextField
        label={words.caregiver}
        hint={words.replaces}
        type="email"
        required
        autoComplete="off"
        value={draft.caregiverAddress}
        error={error('caregiverAddress')}
        onChange={(event) => change({ caregiverAddress: event.target.value })}
      />
      <TextField
        label={words.label}
        hint={words.labelHint}
        required
        maxLength={100}
        autoComplete="off"
        value={draft.label}
        error={error('label')}
        onChange={(event) => change({ label: event.target.value })}
      />
      <Choice
        label={words.relation}
        value={draft.relation}
        choices={RELATIONS.map((value) => ({ value, label: words.relations[value] }))}
        onChange={(event) =>
          change({ relation: RELATIONS.find((one) => one === event.target.value) ?? 'other' })
        }
      />
      <Choice
        label={words.highest}
        hint={words.highestHint}
        value={draft.highestClass}
        choices={CLASSES.map((value) => ({ value, label: words.classes[value] }))}
        onChange={(event) =>
          change({ highestClass: CLASSES.find((one) => one === event.target.value) ?? 'light' })
        }
      />
      <Ticks draft={draft} change={change} />
      <TextField
        label={words.until}
        hint={words.untilHint}
        type="date"
        required
        value={draft.expiresAt}
        error={error('expiresAt')}
        onChange={(event) => change({ expiresAt: event.target.value })}
      />
      <TextArea
        label={words.reason}
        hint={words.reasonHint}
        required
        minLength={3}
        maxLength={1000}
        value={draft.reason}
        error={error('reason')}
        onChange={(event) => change({ reason: event.target.value })}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onEnd}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={grant.isPending} disabled={draft.streams.length === 0}>
          {words.grant}
        </Button>
      </div>
    </form>
  );
}

function Ticks(props: { draft: NewCaregiver; change: (part: Partial<NewCaregiver>) => void }) {
  const { draft, change } = props;
  return (
    <>
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1 font-medium">{words.streams}</legend>
        {STREAMS.map((stream) => (
          <Tick
            key={stream}
            label={words.streamNames[stream]}
            checked={draft.streams.includes(stream)}
            onChange={(event) =>
              change({
                streams: STREAMS.filter((one) =>
                  one === stream ? event.target.checked : draft.streams.includes(one),
                ),
              })
            }
          />
        ))}
      </fieldset>
      <Tick
        label={words.mayReply}
        checked={draft.mayReply}
        onChange={(event) => change({ mayReply: event.target.checked })}
      />
      <Tick
        label={words.showsAddress}
        checked={draft.showsAddress}
        onChange={(event) => change({ showsAddress: event.target.checked })}
      />
      <Tick
        label={words.notices}
        checked={draft.notices}
        onChange={(event) => change({ notices: event.target.checked })}
      />
    </>
  );
}

function blank(): NewCaregiver {
  const end = new Date(Date.now() + DEFAULT_DAYS * 86_400_000);
  return {
    ...{ patientAddress: '', caregiverAddress: '', label: '', reason: '' },
    ...{ relation: 'family', highestClass: 'light', streams: [...STREAMS] },
    ...{ mayReply: false, showsAddress: false, notices: true },
    expiresAt: end.toISOString().slice(0, 10),
  };
}
