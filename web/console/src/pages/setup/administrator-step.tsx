import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiProblem } from '../../api.ts';
import type { Ceremony } from '../../api-types.ts';
import { startSetup } from '../../data/sign-in.ts';
import { Button } from '../../parts/button.tsx';
import { Failure, fieldError } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { common } from '../../text/common.ts';
import { setupText as words } from '../../text/sign-in.ts';
import { NewPassphrase } from './new-passphrase.tsx';
import type { SetupForm } from './setup-form.ts';

export function AdministratorStep(props: {
  token: string;
  form: SetupForm;
  onChange: (part: Partial<SetupForm>) => void;
  onBack: () => void;
  onCeremony: (ceremony: Ceremony) => void;
}) {
  const { form, onChange, token } = props;
  const [passphrase, setPassphrase] = useState<string | null>(null);
  const start = useMutation({
    mutationFn: (chosen: string) =>
      startSetup({
        token,
        organisationName: form.organisationName.trim(),
        displayName: form.displayName.trim(),
        address: form.address.trim(),
        passphrase: chosen,
        ...(form.consoleUrl === '' ? {} : { consoleUrl: form.consoleUrl }),
        ...(form.portalUrl === '' ? {} : { portalUrl: form.portalUrl }),
      }),
    onSuccess: props.onCeremony,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (passphrase !== null) start.mutate(passphrase);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-5">
      <StartRefusal error={start.error} />
      <TextField
        label={words.displayName}
        autoComplete="name"
        maxLength={100}
        required
        value={form.displayName}
        error={fieldError(start.error, 'displayName')}
        onChange={(event) => onChange({ displayName: event.target.value })}
      />
      <TextField
        label={words.address}
        type="email"
        autoComplete="username"
        required
        value={form.address}
        error={fieldError(start.error, 'address')}
        onChange={(event) => onChange({ address: event.target.value })}
      />
      <NewPassphrase error={fieldError(start.error, 'passphrase')} onChange={setPassphrase} />
      <div className="flex gap-2">
        <Button type="submit" kind="primary" busy={start.isPending} disabled={passphrase === null}>
          {common.next}
        </Button>
        <Button kind="quiet" onClick={props.onBack}>
          {common.back}
        </Button>
      </div>
    </form>
  );
}

function StartRefusal({ error }: { error: Error | null }) {
  if (!error) return null;
  const refused = error instanceof ApiProblem && [401, 403, 404, 410].includes(error.status);
  return refused ? (
    <Notice tone="failed">{words.refusedToken}</Notice>
  ) : (
    <Failure error={error} title={common.failure.actTitle} />
  );
}
