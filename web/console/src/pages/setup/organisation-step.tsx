import type { FormEvent } from 'react';
import { Button } from '../../parts/button.tsx';
import { TextField } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { setupText as words } from '../../text/sign-in.ts';
import type { SetupForm } from './setup-form.ts';

export function OrganisationStep(props: {
  form: SetupForm;
  onChange: (part: Partial<SetupForm>) => void;
  onNext: () => void;
}) {
  const { form, onChange } = props;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    props.onNext();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-5">
      <TextField
        label={words.organisationName}
        hint={words.organisationHint}
        autoComplete="organization"
        maxLength={120}
        required
        value={form.organisationName}
        onChange={(event) => onChange({ organisationName: event.target.value })}
      />
      <fieldset className="flex flex-col gap-4">
        <legend className="mb-1 text-base font-semibold">{words.addresses}</legend>
        <p className="text-ink-2">{words.addressesLead}</p>
        <TextField
          label={words.consoleUrl}
          type="url"
          optional
          value={form.consoleUrl}
          onChange={(event) => onChange({ consoleUrl: event.target.value })}
        />
        <TextField
          label={words.portalUrl}
          hint={words.portalHint}
          type="url"
          optional
          value={form.portalUrl}
          onChange={(event) => onChange({ portalUrl: event.target.value })}
        />
      </fieldset>
      <Button type="submit" kind="primary" className="self-start">
        {common.next}
      </Button>
    </form>
  );
}
