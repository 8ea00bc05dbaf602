import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { accountQuery, changePassphrase } from '../../data/account.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { PassphraseField } from '../../parts/passphrase-field.tsx';
import { When } from '../../parts/when.tsx';
import { accountText as words } from '../../text/account.ts';
import { NewPassphrase } from '../setup/new-passphrase.tsx';

export function ChangePassphrase({ since }: { since: string | null }) {
  return (
    <Section title={words.passphrase}>
      {since === null ? (
        <p className="text-ink-2">{words.passphraseNone}</p>
      ) : (
        <>
          <p className="text-ink-2">
            {words.passphraseSince} <When time={since} />
          </p>
          <ChangeForm />
        </>
      )}
    </Section>
  );
}

function ChangeForm() {
  const [open, setOpen] = useState(false);
  const [old, setOld] = useState('');
  const [passphrase, setPassphrase] = useState<string | null>(null);
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (chosen: string) => changePassphrase(old, chosen),
    async onSuccess() {
      setOpen(false);
      setOld('');
      setPassphrase(null);
      await client.invalidateQueries({ queryKey: accountQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (passphrase !== null) change.mutate(passphrase);
  };
  if (!open) {
    return (
      <>
        {change.isSuccess && <Notice tone="done" live title={words.changed} />}
        <Button className="self-start" onClick={() => setOpen(true)}>
          {words.change}
        </Button>
      </>
    );
  }
  const oldWrong = fieldError(change.error, 'old') === undefined ? undefined : words.oldWrong;
  const unfit = fieldError(change.error, 'passphrase');
  return (
    <form onSubmit={submit} className="flex max-w-xl flex-col gap-5">
      {!oldWrong && !unfit && <ActFailure error={change.error} />}
      <PassphraseField
        label={words.old}
        autoComplete="current-password"
        required
        error={oldWrong}
        value={old}
        onChange={(event) => setOld(event.target.value)}
      />
      <NewPassphrase error={unfit} onChange={setPassphrase} />
      <Button
        type="submit"
        kind="primary"
        className="self-start"
        busy={change.isPending}
        disabled={passphrase === null || old === ''}
      >
        {words.change}
      </Button>
    </form>
  );
}
