import { browserSupportsWebAuthn } from '@simplewebauthn/browser';
import { useMutation } from '@tanstack/react-query';
import { Fingerprint } from 'lucide-react';
import { ApiProblem } from '../../api.ts';
import type { SignedIn } from '../../data/sign-in.ts';
import { signInWithPasskeyAlone } from '../../data/sign-in.ts';
import { Button } from '../../parts/button.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { signInText as words } from '../../text/sign-in.ts';

/** The shortest way in: neither address nor passphrase. Left out where the browser cannot. */
export function PasskeyAlone({ onSignedIn }: { onSignedIn: (signedIn: SignedIn) => void }) {
  const enter = useMutation({ mutationFn: signInWithPasskeyAlone, onSuccess: onSignedIn });
  if (!browserSupportsWebAuthn()) return null;
  const refused = enter.error instanceof ApiProblem && enter.error.status === 401;
  return (
    <div className="flex flex-col gap-4">
      {refused && <Notice tone="failed">{words.passkeyRefused}</Notice>}
      {enter.error && !refused && <Failure error={enter.error} />}
      <Button
        busy={enter.isPending}
        icon={<Fingerprint aria-hidden="true" className="size-4" />}
        onClick={() => enter.mutate()}
      >
        {words.passkeyAlone}
      </Button>
      <p className="flex items-center gap-3 text-ink-2">
        <span aria-hidden="true" className="h-px flex-1 bg-line" />
        {words.or}
        <span aria-hidden="true" className="h-px flex-1 bg-line" />
      </p>
    </div>
  );
}
