import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Fingerprint } from 'lucide-react';
import { type FormEvent, useEffect, useState } from 'react';
import { ApiProblem } from '../api.ts';
import type { Ceremony, Session } from '../api-types.ts';
import { proves } from '../data/client.ts';
import { adoptSession, sessionQuery } from '../data/session.ts';
import type { SignedIn } from '../data/sign-in.ts';
import { stepUpWays, stepUpWithPasskey, stepUpWithTotp } from '../data/step-up.ts';
import { SecondFactor } from '../pages/sign-in/second-factor.tsx';
import { FirstFactor } from '../pages/sign-in/sign-in-page.tsx';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { RowsSkeleton } from '../parts/empty.tsx';
import { Failure } from '../parts/failure.tsx';
import { TextField } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { openDoor, takeSession } from '../send.ts';
import { sessionGuardText } from '../text/session-guard.ts';
import { SessionWarning } from './session-warning.tsx';

/** A question that waits, and the rule that asks it. */
interface Question {
  readonly rule: string | null;
  readonly answer: (done: boolean) => void;
}
type Answer = Question['answer'];

/** Asks over the page for what a request needs first; the page below keeps all that was typed into it. */
export function SessionGuard({ session }: { session: Session }) {
  const [stepping, setStepping] = useState<Question | null>(null);
  const [entering, setEntering] = useState<Question | null>(null);
  useEffect(() => {
    const question =
      (show: (question: Question | null) => void) =>
      (rule: string | null): Promise<boolean> =>
        new Promise((resolve) => {
          const answer: Answer = (done) => {
            show(null);
            resolve(done);
          };
          show({ rule, answer });
        });
    return openDoor({ stepUp: question(setStepping), signIn: question(setEntering) });
  }, []);
  return (
    <>
      {stepping && <StepUpDialog session={session} {...stepping} />}
      {entering && <SignInDialog session={session} answer={entering.answer} />}
      {!stepping && !entering && <SessionWarning session={session} />}
    </>
  );
}

function SignInDialog({ session, answer }: { session: Session; answer: Answer }) {
  const words = sessionGuardText.signIn;
  const [ceremony, setCeremony] = useState<Ceremony | null>(null);
  const client = useQueryClient();
  const enter = (next: Session) => {
    const same = next.identity.id === session.identity.id && next.organisation.id === session.organisation.id;
    // Somebody else, or elsewhere: nothing of this page may be theirs.
    if (!same) return window.location.assign('/');
    client.setQueryData(sessionQuery.queryKey, adoptSession(next));
    answer(true);
  };
  // A stronger factor is to be added first: that has a page of its own.
  const go = (signedIn: SignedIn) =>
    'demanded' in signedIn ? window.location.assign('/sign-in') : enter(signedIn);
  return (
    <Dialog open onOpenChange={() => answer(false)} title={words.title} description={words.lead}>
      {ceremony ? (
        <SecondFactor ceremony={ceremony} onSignedIn={go} onAgain={() => setCeremony(null)} />
      ) : (
        <FirstFactor onCeremony={setCeremony} address={session.identity.address} />
      )}
    </Dialog>
  );
}

function StepUpDialog({ session, answer, rule }: { session: Session } & Question) {
  const words = sessionGuardText.stepUp;
  const ways = useQuery({ queryKey: ['step-up'], queryFn: stepUpWays, staleTime: 0, gcTime: 0 });
  const [chosen, choose] = useState<'totp' | 'passkey' | null>(null);
  const [code, setCode] = useState('');
  const factors = ways.data?.factors ?? [];
  const way = chosen ?? (factors[0] === 'passkey' ? 'passkey' : 'totp');
  const confirm = useMutation({
    mutationFn: () => (way === 'passkey' ? stepUpWithPasskey() : stepUpWithTotp(code.replaceAll(/\s/g, ''))),
    meta: proves,
    onSuccess: ({ csrf }) => {
      takeSession(csrf, `${session.identity.id} ${session.organisation.id}`);
      answer(true);
    },
    onError: () => setCode(''),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={() => answer(false)}
      title={words.title}
      description={rule === null ? words.lead : words.byRule(rule)}
    >
      {ways.isPending && <RowsSkeleton rows={1} label={words.loading} />}
      {ways.isError && <Failure error={ways.error} retry={() => void ways.refetch()} />}
      {ways.data && factors.length === 0 && <Notice tone="failed">{words.none}</Notice>}
      {factors.length > 0 && (
        <form onSubmit={submit} className="flex flex-col gap-4">
          <Refused error={confirm.error} />
          {way === 'totp' && (
            <TextField
              label={words.code}
              hint={words.codeHint}
              inputMode="numeric"
              autoComplete="one-time-code"
              required
              value={code}
              onChange={(event) => setCode(event.target.value)}
            />
          )}
          <Button
            type="submit"
            kind="primary"
            busy={confirm.isPending}
            {...(way === 'passkey' ? { icon: <Fingerprint aria-hidden="true" className="size-4" /> } : {})}
          >
            {way === 'passkey' ? words.passkey : words.go}
          </Button>
          {factors.length > 1 && (
            <button
              type="button"
              className="link min-h-8 self-start"
              onClick={() => choose(way === 'totp' ? 'passkey' : 'totp')}
            >
              {way === 'totp' ? words.usePasskey : words.useCode}
            </button>
          )}
        </form>
      )}
    </Dialog>
  );
}

function Refused({ error }: { error: Error | null }) {
  if (!error) return null;
  const wrong = error instanceof ApiProblem && (error.status === 401 || error.status === 422);
  return wrong ? <Notice tone="failed">{sessionGuardText.stepUp.refused}</Notice> : <Failure error={error} />;
}
