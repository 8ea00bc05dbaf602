import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiProblem } from '../../api.ts';
import type { EnrolmentDue } from '../../api-types.ts';
import { renewDuePassphrase, type SignedIn } from '../../data/sign-in.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { signInText as words } from '../../text/sign-in.ts';
import { NewPassphrase } from '../setup/new-passphrase.tsx';

/** On the way in: the passphrase is older than the organisation wants, and is changed here. */
export function DuePassphrase(props: {
  due: EnrolmentDue;
  onSignedIn: (signedIn: SignedIn) => void;
  onAgain: () => void;
}) {
  const [passphrase, setPassphrase] = useState<string | null>(null);
  const renew = useMutation({
    mutationFn: (chosen: string) => renewDuePassphrase(props.due.ceremony, chosen),
    onSuccess: props.onSignedIn,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (passphrase !== null) renew.mutate(passphrase);
  };
  const same = renew.error instanceof ApiProblem && renew.error.problem.parameters?.reason === 'same';
  const unfit = same ? words.renewSame : fieldError(renew.error, 'passphrase');
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <p>{words.renewLead}</p>
      {!unfit && <ActFailure error={renew.error} />}
      <NewPassphrase
        label={words.renewField}
        error={unfit}
        onChange={(chosen) => {
          setPassphrase(chosen);
          // What was found wrong was another one.
          if (renew.isError) renew.reset();
        }}
      />
      <Button type="submit" kind="primary" busy={renew.isPending} disabled={passphrase === null}>
        {words.renewGo}
      </Button>
      <button type="button" className="link min-h-8 self-start" onClick={props.onAgain}>
        {words.startAgain}
      </button>
    </form>
  );
}
