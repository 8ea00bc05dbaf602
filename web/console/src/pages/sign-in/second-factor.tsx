import { useMutation } from '@tanstack/react-query';
import { Fingerprint, IdCard } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { ApiProblem } from '../../api.ts';
import type { Ceremony, SignInWay } from '../../api-types.ts';
import { proves } from '../../data/client.ts';
import {
  mailCode,
  type SignedIn,
  signInWithCertificate,
  signInWithMailedCode,
  signInWithPasskey,
  signInWithRecoveryCode,
  signInWithTextedCode,
  signInWithTotp,
  textCode,
} from '../../data/sign-in.ts';
import { Button } from '../../parts/button.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { signInText as words } from '../../text/sign-in.ts';
import { CodeField } from './code-field.tsx';

/** The second step: the ways this person has, one of them shown, the others a press away. */
export function SecondFactor(props: {
  ceremony: Ceremony;
  onSignedIn: (signedIn: SignedIn) => void;
  onAgain: () => void;
}) {
  const { ceremony, factors } = props.ceremony;
  const [way, setWay] = useState<SignInWay>(factors[0] ?? 'totp');
  const [code, setCode] = useState('');
  const send = useMutation({
    mutationFn: () => (way === 'texted-code' ? textCode(ceremony) : mailCode(ceremony)),
  });
  const enter = useMutation<SignedIn, Error>({
    mutationFn: () => {
      switch (way) {
        case 'totp':
          return signInWithTotp(ceremony, code.replaceAll(/\s/g, ''));
        case 'mailed-code':
          return signInWithMailedCode(ceremony, code.replaceAll(/\s/g, ''));
        case 'texted-code':
          return signInWithTextedCode(ceremony, code.replaceAll(/\s/g, ''));
        case 'recovery-code':
          return signInWithRecoveryCode(ceremony, code.trim());
        case 'certificate':
          return signInWithCertificate(ceremony);
        case 'passkey':
          return signInWithPasskey(ceremony);
      }
    },
    meta: proves,
    onSuccess: props.onSignedIn,
    onError: () => setCode(''),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate();
  };
  const choose = (next: SignInWay) => {
    enter.reset();
    send.reset();
    setCode('');
    setWay(next);
  };
  const others = factors.filter((one) => one !== way);
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Refusal error={enter.error ?? send.error} way={way} />
      {way === 'passkey' || way === 'certificate' ? (
        <ByKey way={way} busy={enter.isPending} />
      ) : (way === 'mailed-code' || way === 'texted-code') && !send.isSuccess ? (
        <Button kind="primary" busy={send.isPending} onClick={() => send.mutate()}>
          {way === 'texted-code' ? words.textGo : words.mailGo}
        </Button>
      ) : (
        <>
          <CodeField kind={way} value={code} onChange={setCode} />
          <Button type="submit" kind="primary" busy={enter.isPending}>
            {words.codeGo}
          </Button>
        </>
      )}
      <div className="flex flex-col items-start gap-1 border-t border-line pt-4">
        {others.length > 0 && <p className="text-ink-2">{words.other}</p>}
        {others.map((one) => (
          <button key={one} type="button" className="link min-h-8" onClick={() => choose(one)}>
            {words.ways[one]}
          </button>
        ))}
        <button type="button" className="link min-h-8" onClick={props.onAgain}>
          {words.startAgain}
        </button>
      </div>
    </form>
  );
}

/** What is a press of a button: a passkey, or the certificate that the browser shows. */
function ByKey({ way, busy }: { way: 'passkey' | 'certificate'; busy: boolean }) {
  const Picture = way === 'passkey' ? Fingerprint : IdCard;
  return (
    <>
      <p>{way === 'passkey' ? words.passkeyLead : words.certificateLead}</p>
      <Button
        type="submit"
        kind="primary"
        busy={busy}
        icon={<Picture aria-hidden="true" className="size-4" />}
      >
        {way === 'passkey' ? words.passkeyGo : words.certificateGo}
      </Button>
    </>
  );
}

function Refusal({ error, way }: { error: Error | null; way: SignInWay }) {
  if (!error) return null;
  if (!(error instanceof ApiProblem)) return <Failure error={error} />;
  if (error.code === 'gone') return <Notice tone="failed">{words.ended}</Notice>;
  if (error.status === 401 || error.status === 422) {
    const said = way === 'certificate' ? words.certificateRefused : words.codeRefused;
    return <Notice tone="failed">{said}</Notice>;
  }
  return <Failure error={error} />;
}
