import { browserSupportsWebAuthn } from '@simplewebauthn/browser';
import { useMutation } from '@tanstack/react-query';
import { Fingerprint } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { ApiProblem } from '../../api.ts';
import type { EnrolmentDue, Session } from '../../api-types.ts';
import { enrolDuePasskey } from '../../data/sign-in.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { accountText } from '../../text/account.ts';
import { signInText as words } from '../../text/sign-in.ts';

/** On the way in: the organisation asks for a stronger factor, which is added here and then signs in. */
export function DueEnrolment(props: {
  due: EnrolmentDue;
  onSession: (session: Session) => void;
  onAgain: () => void;
}) {
  const [label, setLabel] = useState<string>(accountText.unnamed.passkey);
  const enrol = useMutation({
    mutationFn: () => enrolDuePasskey(props.due.ceremony, label.trim()),
    onSuccess: props.onSession,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enrol.mutate();
  };
  const synced =
    enrol.error instanceof ApiProblem && enrol.error.problem.parameters?.reason === 'synced-passkey';
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <p>{words.dueLead(accountText.levels[props.due.demanded])}</p>
      {synced && <Notice tone="failed">{words.dueSynced}</Notice>}
      {!synced && <ActFailure error={enrol.error} />}
      {browserSupportsWebAuthn() ? (
        <>
          <TextField
            label={accountText.label}
            required
            maxLength={100}
            value={label}
            onChange={(event) => setLabel(event.target.value)}
          />
          <Button
            type="submit"
            kind="primary"
            busy={enrol.isPending}
            icon={<Fingerprint aria-hidden="true" className="size-4" />}
          >
            {words.dueGo}
          </Button>
        </>
      ) : (
        <Notice tone="held">{accountText.unsupported}</Notice>
      )}
      <button type="button" className="link min-h-8 self-start" onClick={props.onAgain}>
        {words.startAgain}
      </button>
    </form>
  );
}
