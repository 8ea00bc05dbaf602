import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiProblem } from '../../api.ts';
import type { Ceremony, EnrolmentDue, Session } from '../../api-types.ts';
import { proves } from '../../data/client.ts';
import { adoptSession, sessionQuery } from '../../data/session.ts';
import { type SignedIn, setupState, startSignIn } from '../../data/sign-in.ts';
import { Button } from '../../parts/button.tsx';
import { Failure } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { PassphraseField } from '../../parts/passphrase-field.tsx';
import { signInText as words } from '../../text/sign-in.ts';
import { DueEnrolment } from './due-enrolment.tsx';
import { DuePassphrase } from './due-passphrase.tsx';
import { Narrow } from './narrow.tsx';
import { PasskeyAlone } from './passkey-alone.tsx';
import { SecondFactor } from './second-factor.tsx';
import { SignOn, SignOnRefused } from './sign-on.tsx';

const route = getRouteApi('/sign-in');

/** A passkey alone, or passphrase and a second factor: two factors, always. */
export function SignInPage() {
  const { to, refused } = route.useSearch();
  const [ceremony, setCeremony] = useState<Ceremony | null>(null);
  const [due, setDue] = useState<EnrolmentDue | null>(null);
  const client = useQueryClient();
  const router = useRouter();
  const enter = (session: Session) => {
    client.clear();
    client.setQueryData(sessionQuery.queryKey, adoptSession(session));
    router.history.push(to ?? '/');
  };
  const go = (signedIn: SignedIn) => ('demanded' in signedIn ? setDue(signedIn) : enter(signedIn));
  if (due) {
    const again = () => {
      setDue(null);
      setCeremony(null);
    };
    return (
      <Narrow title={due.due === 'passphrase' ? words.renewTitle : words.dueTitle}>
        {due.due === 'passphrase' ? (
          <DuePassphrase due={due} onSignedIn={go} onAgain={again} />
        ) : (
          <DueEnrolment due={due} onSession={enter} onAgain={again} />
        )}
      </Narrow>
    );
  }
  if (ceremony) {
    return (
      <Narrow title={words.secondTitle}>
        <SecondFactor ceremony={ceremony} onSignedIn={go} onAgain={() => setCeremony(null)} />
      </Narrow>
    );
  }
  return (
    <Narrow title={words.title} lead={words.lead}>
      <SignOnRefused refused={refused} />
      <PasskeyAlone onSignedIn={go} />
      <FirstFactor onCeremony={setCeremony} />
      <SignOn to={to} />
    </Narrow>
  );
}

export function FirstFactor({
  onCeremony,
  address: known = '',
}: {
  onCeremony: (ceremony: Ceremony) => void;
  /** Where it is known who signs in. */
  address?: string;
}) {
  const [address, setAddress] = useState(known);
  const [passphrase, setPassphrase] = useState('');
  const setup = useQuery({ queryKey: ['setup'], queryFn: setupState, retry: false });
  const start = useMutation({
    mutationFn: () => startSignIn(address.trim(), passphrase),
    meta: proves,
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
