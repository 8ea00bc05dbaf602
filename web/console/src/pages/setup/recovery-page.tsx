import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiProblem } from '../../api.ts';
import type { Ceremony, SetupDone } from '../../api-types.ts';
import { confirmRecovery, mailRecoveryCode } from '../../data/account.ts';
import { adoptSession, sessionQuery } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { recoveryText as words } from '../../text/account.ts';
import { common } from '../../text/common.ts';
import { setupText, signInText } from '../../text/sign-in.ts';
import { Narrow } from '../sign-in/narrow.tsx';
import { FactorStep } from './factor-step.tsx';
import { NewPassphrase } from './new-passphrase.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';
import { takeToken } from './take-token.ts';

/** Somebody who has lost what they sign in with: the administrator's link, a mailed code, then as a new member. */
export function RecoveryPage() {
  const [token] = useState(takeToken);
  const [ceremony, setCeremony] = useState<Ceremony | null>(null);
  const [done, setDone] = useState<SetupDone | null>(null);
  const [kept, setKept] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  if (done) {
    return (
      <Narrow title={words.doneTitle} wide>
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
  return (
    <Narrow title={words.title} lead={token === '' ? words.incomplete : words.lead} wide>
      {token !== '' && <Confirm token={token} onCeremony={setCeremony} />}
    </Narrow>
  );
}

function Confirm({ token, onCeremony }: { token: string; onCeremony: (ceremony: Ceremony) => void }) {
  const [code, setCode] = useState('');
  const [passphrase, setPassphrase] = useState<string | null>(null);
  const mail = useMutation({ mutationFn: () => mailRecoveryCode(token) });
  const confirm = useMutation({
    mutationFn: (chosen: string) => confirmRecovery(token, code.replaceAll(/\s/g, ''), chosen),
    onSuccess: onCeremony,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (passphrase !== null) confirm.mutate(passphrase);
  };
  const gone = [mail.error, confirm.error].some((one) => one instanceof ApiProblem && one.code === 'gone');
  const wrong = confirm.error instanceof ApiProblem && confirm.error.status === 401;
  const unfit = fieldError(confirm.error, 'passphrase');
  if (gone) return <Notice tone="failed">{words.gone}</Notice>;
  return (
    <form onSubmit={submit} className="flex flex-col gap-5">
      <ActFailure error={mail.error} />
      {mail.isSuccess && <Notice tone="done" live title={words.mailed} />}
      <Button
        kind={mail.isSuccess ? 'secondary' : 'primary'}
        className="self-start"
        busy={mail.isPending}
        onClick={() => mail.mutate()}
      >
        {mail.isSuccess ? words.again : words.mail}
      </Button>
      {mail.isSuccess && (
        <>
          {!wrong && !unfit && <ActFailure error={confirm.error} />}
          <TextField
            label={words.code}
            inputMode="numeric"
            autoComplete="one-time-code"
            pattern="\s*\d{3}\s*\d{3}\s*"
            required
            error={wrong ? words.wrong : undefined}
            value={code}
            onChange={(event) => setCode(event.target.value)}
            className="font-mono text-base tracking-[0.3em]"
          />
          <NewPassphrase error={unfit} onChange={setPassphrase} />
          <Button
            type="submit"
            kind="primary"
            className="self-start"
            busy={confirm.isPending}
            disabled={passphrase === null}
          >
            {common.next}
          </Button>
        </>
      )}
    </form>
  );
}
