import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiProblem } from '../../api.ts';
import type { Ceremony, SetupDone } from '../../api-types.ts';
import { adoptSession, sessionQuery } from '../../data/session.ts';
import { acceptInvitation } from '../../data/sign-in.ts';
import { Button } from '../../parts/button.tsx';
import { Failure, fieldError } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { common } from '../../text/common.ts';
import { setupText, signInText, invitationText as words } from '../../text/sign-in.ts';
import { Narrow } from '../sign-in/narrow.tsx';
import { FactorStep } from './factor-step.tsx';
import { NewPassphrase } from './new-passphrase.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';
import { takeToken } from './take-token.ts';

/** An invited person chooses a passphrase and a second factor, and is then signed in. */
export function InvitationPage() {
  const [token] = useState(takeToken);
  const [ceremony, setCeremony] = useState<Ceremony | null>(null);
  const [done, setDone] = useState<SetupDone | null>(null);
  const [kept, setKept] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  if (done) {
    return (
      <Narrow title={words.codesTitle} wide>
        <RecoveryCodes codes={done.recoveryCodes} onKept={() => setKept(true)} />
        <Button
          kind="primary"
          className="self-start"
          disabled={!kept}
          onClick={() => void navigate({ to: '/' })}
        >
          {setupText.finish}
        </Button>
      </Narrow>
    );
  }
  if (ceremony) {
    const enter = (finished: SetupDone) => {
      client.clear();
      client.setQueryData(sessionQuery.queryKey, adoptSession(finished.session));
      setDone(finished);
    };
    return (
      <Narrow title={signInText.secondTitle} wide>
        <FactorStep ceremony={ceremony} onDone={enter} />
      </Narrow>
    );
  }
  if (token === '')
    return (
      <Narrow title={words.title} lead={words.incomplete}>
        {null}
      </Narrow>
    );
  return (
    <Narrow title={words.title} lead={words.lead} wide>
      <Accept token={token} onCeremony={setCeremony} />
    </Narrow>
  );
}

function Accept({ token, onCeremony }: { token: string; onCeremony: (ceremony: Ceremony) => void }) {
  const [passphrase, setPassphrase] = useState<string | null>(null);
  const accept = useMutation({
    mutationFn: (chosen: string) => acceptInvitation(token, chosen),
    onSuccess: onCeremony,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (passphrase !== null) accept.mutate(passphrase);
  };
  const gone = accept.error instanceof ApiProblem && accept.error.code === 'gone';
  return (
    <form onSubmit={submit} className="flex flex-col gap-5">
      {gone && <Notice tone="failed">{words.refused}</Notice>}
      {accept.error && !gone && <Failure error={accept.error} title={common.failure.actTitle} />}
      <NewPassphrase error={fieldError(accept.error, 'passphrase')} onChange={setPassphrase} />
      <Button
        type="submit"
        kind="primary"
        className="self-start"
        busy={accept.isPending}
        disabled={passphrase === null}
      >
        {common.next}
      </Button>
    </form>
  );
}
