import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiProblem } from '../../api.ts';
import type { Ceremony, Session } from '../../api-types.ts';
import { adoptSession, sessionQuery } from '../../data/session.ts';
import { setupState, startSignIn } from '../../data/sign-in.ts';
import { Button } from '../../parts/button.tsx';
import { Failure } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { PassphraseField } from '../../parts/passphrase-field.tsx';
import { signInText as words } from '../../text/sign-in.ts';
import { Narrow } from './narrow.tsx';
import { SecondFactor } from './second-factor.tsx';
import { SignOn, SignOnRefused } from './sign-on.tsx';

const route = getRouteApi('/sign-in');

/** Passphrase first, then a second factor, always. */
export function SignInPage() {
  const { to, refused } = route.useSearch();
  const [ceremony, setCeremony] = useState<Ceremony | null>(null);
  const client = useQueryClient();
  const router = useRouter();
  const enter = (session: Session) => {
    client.clear();
    client.setQueryData(sessionQuery.queryKey, adoptSession(session));
    router.history.push(to ?? '/');
  };
  if (ceremony) {
    return (
      <Narrow title={words.secondTitle}>
        <SecondFactor ceremony={ceremony} onSession={enter} onAgain={() => setCeremony(null)} />
      </Narrow>
    );
  }
  return (
    <Narrow title={words.title} lead={words.lead}>
      <SignOnRefused refused={refused} />
      <FirstFactor onCeremony={setCeremony} />
      <SignOn to={to} />
    </Narrow>
  );
}

function FirstFactor({ onCeremony }: { onCeremony: (ceremony: Ceremony) => void }) {
  const [address, setAddress] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const setup = useQuery({ queryKey: ['setup'], queryFn: setupState, retry: false });
  const start = useMutation({
    mutationFn: () => startSignIn(address.trim(), passphrase),
    onSuccess: onCeremony,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  const refused = start.error instanceof ApiProblem && start.error.status === 401;
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {setup.data?.state === 'open' && <Notice>{words.notSetUp}</Notice>}
      {refused && <Notice tone="failed">{words.refused}</Notice>}
      {start.error && !refused && <Failure error={start.error} />}
      <TextField
        label={words.address}
        type="email"
        name="username"
        autoComplete="username"
        required
        value={address}
        onChange={(event) => setAddress(event.target.value)}
      />
      <PassphraseField
        label={words.passphrase}
        autoComplete="current-password"
        required
        value={passphrase}
        onChange={(event) => setPassphrase(event.target.value)}
      />
      <Button type="submit" kind="primary" busy={start.isPending}>
        {words.go}
      </Button>
    </form>
  );
}
