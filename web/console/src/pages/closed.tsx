import { useQueryClient } from '@tanstack/react-query';
import { sessionQuery } from '../data/session.ts';
import { Button } from '../parts/button.tsx';
import { Page } from '../parts/page.tsx';
import type { Missing } from '../shell/destinations.ts';
import { permissionText } from '../text/administration.ts';
import { common } from '../text/common.ts';
import { shell } from '../text/shell.ts';

/** In place of a page whose rights the reader does not hold: says which, and asks the server for nothing. */
export function ClosedPage({ missing }: { missing: Missing }) {
  const client = useQueryClient();
  return (
    <Page title={shell.closedTitle} lead={shell.closedLead}>
      <div>
        <p>{missing.any ? shell.closedAny : shell.closedNeeds}:</p>
        <ul className="list-disc pl-5">
          {missing.permissions.map((one) => (
            <li key={one}>{permissionText[one] ?? one}</li>
          ))}
        </ul>
      </div>
      <p className="text-ink-2">{shell.closedNext}</p>
      <Button
        className="self-start"
        onClick={() => void client.invalidateQueries({ queryKey: sessionQuery.queryKey })}
      >
        {common.tryAgain}
      </Button>
    </Page>
  );
}
