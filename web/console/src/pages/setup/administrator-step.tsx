import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiProblem } from '../../api.ts';
import type { Ceremony } from '../../api-types.ts';
import { startSetup } from '../../data/sign-in.ts';
import { Button } from '../../parts/button.tsx';
import { Failure, fieldError } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { PassphraseField } from '../../parts/passphrase-field.tsx';
import { common } from '../../text/common.ts';
import { setupText as words } from '../../text/sign-in.ts';
import { LEAST_PASSPHRASE, missingCharacters } from './passphrase-rule.ts';
import type { SetupForm } from './setup-form.ts';

export function AdministratorStep(props: {
  token: string;
  form: SetupForm;
  onChange: (part: Partial<SetupForm>) => void;
  onBack: () => void;
  onCeremony: (ceremony: Ceremony) => void;
}) {
  const { form, onChange, token } = props;
  const [repeat, setRepeat] = useState('');
  const missing = missingCharacters(form.passphrase);
  const differs = repeat !== '' && repeat !== form.passphrase;
  const start = useMutation({
    mutationFn: () =>
      startSetup({
        token,
        organisationName: form.organisationName.trim(),
        displayName: form.displayName.trim(),
        address: form.address.trim(),
        passphrase: form.passphrase,
        ...(form.consoleUrl === '' ? {} : { consoleUrl: form.consoleUrl }),
        ...(form.portalUrl === '' ? {} : { portalUrl: form.portalUrl }),
      }),
    onSuccess: props.onCeremony,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (missing === 0 && repeat === form.passphrase) start.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-5">
      <StartRefusal error={start.error} />
      <TextField
        label={words.displayName}
        autoComplete="name"
        maxLength={200}
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
      <PassphraseField
        label={words.passphrase}
        hint={words.passphraseHint(LEAST_PASSPHRASE)}
        status={
          form.passphrase === '' ? '' : missing > 0 ? words.passphraseShort(missing) : words.passphraseEnough
        }
        autoComplete="new-password"
        maxLength={256}
        required
        value={form.passphrase}
        error={fieldError(start.error, 'passphrase')}
        onChange={(event) => onChange({ passphrase: event.target.value })}
      />
      <PassphraseField
        label={words.repeat}
        autoComplete="new-password"
        required
        value={repeat}
        error={differs ? words.repeatDiffers : undefined}
        onChange={(event) => setRepeat(event.target.value)}
      />
      <div className="flex gap-2">
        <Button
          type="submit"
          kind="primary"
          busy={start.isPending}
          disabled={missing > 0 || repeat !== form.passphrase}
        >
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
