import { useMutation } from '@tanstack/react-query';
import { beginSsoTry } from '../../data/single-sign-on.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { ssoText as words } from '../../text/single-sign-on.ts';

/** Leaves for the provider; the browser comes back to this page with what it said. */
export function TryConnection({ id }: { id: string }) {
  const begin = useMutation({
    mutationFn: () => beginSsoTry(id),
    onSuccess: ({ url }) => {
      if (url !== null) window.location.assign(url);
    },
  });
  const reason = begin.data?.reason ?? null;
  return (
    <>
      <Button busy={begin.isPending} title={words.tryHint} onClick={() => begin.mutate()}>
        {words.tryIt}
      </Button>
      <ActFailure error={begin.error} />
      {reason !== null && (
        <Notice tone="failed" title={words.tryFailed}>
          {words.reasons[reason] ?? reason}
        </Notice>
      )}
    </>
  );
}
