import { useEffect, useRef } from 'react';
import { ApiProblem } from '../api.ts';
import { common } from '../text/common.ts';
import { problemWords } from '../text/problems.ts';
import { bringIntoSight } from './bring-into-sight.ts';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';

/** What happened, what to do, and the reference id. */
export function Failure({ error, retry, title }: { error: Error; retry?: () => void; title?: string }) {
  const words =
    error instanceof ApiProblem
      ? problemWords(error.code, String(error.problem.parameters?.reason))
      : problemWords('unknown');
  const reference = error instanceof ApiProblem ? error.reference : null;
  // Held back for a second person is no failure: it goes on elsewhere.
  if (error instanceof ApiProblem && error.code === 'held')
    return (
      <Notice tone="held" title={common.failure.heldTitle} live>
        {words.what} {words.next}
      </Notice>
    );
  return (
    <Notice tone="failed" title={title ?? common.failure.title}>
      <p>
        {words.what} {words.next}
      </p>
      {reference && <p className="mt-1 font-mono text-xs text-ink-2">{common.reference(reference)}</p>}
      {retry && (
        <Button className="mt-2" onClick={retry}>
          {common.tryAgain}
        </Button>
      )}
    </Notice>
  );
}

/** The failure of an act, when there is one. In a long form it is brought into sight: the button stands at the other end. */
export function ActFailure({ error }: { error: Error | null }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error !== null) bringIntoSight(box.current);
  }, [error]);
  if (error === null) return null;
  return (
    <div ref={box}>
      <Failure error={error} title={common.failure.actTitle} />
    </div>
  );
}

/** The words for a field that the server found wrong, by the name of the field in the request. */
export function fieldError(error: Error | null, name: string): string | undefined {
  if (!(error instanceof ApiProblem)) return undefined;
  const { errors, parameters } = error.problem;
  if (parameters?.path === name)
    return common.failure.reasons[String(parameters.reason)] ?? common.failure.field;
  const found = errors?.some((one) => one.path.split(/[./]/).includes(name));
  return found ? common.failure.field : undefined;
}
