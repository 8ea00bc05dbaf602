import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { AccessSubject } from '../../api-types.ts';
import { recordCare } from '../../data/care.ts';
import { groupsQuery } from '../../data/roles.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { Choice, TextField } from '../../parts/field.tsx';
import { careText as words } from '../../text/care.ts';
import { common } from '../../text/common.ts';
import { PersonChooser } from '../people/person-chooser.tsx';
import { careMoments, dayOf } from './care-days.ts';

/** A care relationship as staff put it on record: who, for whom, from when until when. */
export function RecordCare(props: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog
      open={props.open}
      onOpenChange={props.onOpenChange}
      title={words.addTitle}
      description={words.opensNow}
    >
      <Form onEnd={() => props.onOpenChange(false)} />
    </Dialog>
  );
}

function Form({ onEnd }: { onEnd: () => void }) {
  const [kind, setKind] = useState<AccessSubject['kind']>('identity');
  const [id, setId] = useState('');
  const [address, setAddress] = useState('');
  const [from, setFrom] = useState(() => dayOf());
  const [until, setUntil] = useState('');
  const groups = useQuery(groupsQuery);
  const client = useQueryClient();
  const record = useMutation({
    mutationFn: () =>
      recordCare({ subject: { kind, id }, address: address.trim(), ...careMoments(from, until) }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['care'] });
      onEnd();
    },
  });
  const wrongEnd = until !== '' && until < from;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!wrongEnd) record.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4" autoComplete="off">
      <ActFailure error={record.error} />
      <Choice
        label={words.kind}
        value={kind}
        choices={[
          { value: 'identity', label: words.person },
          { value: 'group', label: words.group },
        ]}
        onChange={(event) => {
          setKind(event.target.value === 'group' ? 'group' : 'identity');
          setId('');
        }}
      />
      {kind === 'group' ? (
        <Choice
          label={words.who}
          required
          value={id}
          error={fieldError(record.error, 'subject')}
          choices={[
            { value: '', label: words.choose },
            ...(groups.data?.items ?? []).map((one) => ({ value: one.id, label: one.name })),
          ]}
          onChange={(event) => setId(event.target.value)}
        />
      ) : (
        <PersonChooser
          label={words.who}
          required
          value={id}
          error={fieldError(record.error, 'subject')}
          onChange={setId}
        />
      )}
      <TextField
        label={words.patient}
        hint={words.patientHint}
        type="email"
        required
        value={address}
        error={fieldError(record.error, 'address')}
        onChange={(event) => setAddress(event.target.value)}
      />
      <TextField
        label={words.from}
        type="date"
        required
        value={from}
        error={fieldError(record.error, 'since')}
        onChange={(event) => setFrom(event.target.value)}
      />
      <TextField
        label={words.until}
        hint={words.untilHint}
        optional
        type="date"
        value={until}
        error={wrongEnd ? words.untilWrong : fieldError(record.error, 'until')}
        onChange={(event) => setUntil(event.target.value)}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onEnd}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={record.isPending}>
          {words.record}
        </Button>
      </div>
    </form>
  );
}
