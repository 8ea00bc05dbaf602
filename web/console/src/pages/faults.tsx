import { type ErrorComponentProps, Link } from '@tanstack/react-router';
import { ApiProblem } from '../api.ts';
import { Button, buttonClass } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { Page } from '../parts/page.tsx';
import { common } from '../text/common.ts';

/** No such page. */
export function MissingPage() {
  return (
    <Page title={common.failure.notFoundTitle} lead={common.failure.notFound}>
      <p>
        <Link to="/" className={buttonClass('primary')}>
          {common.failure.toOverview}
        </Link>
      </p>
    </Page>
  );
}

/** No such page, and no frame around it. */
export function LostPage() {
  return (
    <main>
      <MissingPage />
    </main>
  );
}

/** A page that could not be drawn: either the server failed or the console has a fault. Stands without the frame. */
export function CrashedPage({ error, reset }: ErrorComponentProps) {
  return (
    <main>
      <Page title={common.failure.title}>
        {error instanceof ApiProblem ? (
          <Failure error={error} retry={reset} />
        ) : (
          <>
            <p className="prose-width">{common.failure.crashed}</p>
            <p>
              <Button kind="primary" onClick={() => window.location.reload()}>
                {common.failure.reload}
              </Button>
            </p>
          </>
        )}
      </Page>
    </main>
  );
}
