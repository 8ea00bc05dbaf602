import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Installation } from '../api-types.ts';
import { installationQuery, leaveSandbox } from '../data/administration.ts';
import { useMay } from '../data/session.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { RowsSkeleton } from '../parts/empty.tsx';
import { Facts } from '../parts/facts.tsx';
import { ActFailure, Failure, fieldError } from '../parts/failure.tsx';
import { TextField, Tick } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { When } from '../parts/when.tsx';
import { settingsText } from '../text/administration.ts';

const words = settingsText.installation;

export function InstallationPage() {
  const installation = useQuery(installationQuery);
  return (
    <Page title={words.title} lead={words.lead}>
      {installation.isPending && <RowsSkeleton rows={4} label={words.loading} />}
      {installation.isError && (
        <Failure error={installation.error} retry={() => void installation.refetch()} />
      )}
      {installation.data && <Body installation={installation.data} />}
    </Page>
  );
}

function Body({ installation }: { installation: Installation }) {
  const { submission } = installation;
  const ways = [
    submission.implicitTlsPort !== null && words.implicitTls(submission.host, submission.implicitTlsPort),
    submission.startTlsPort !== null && words.startTls(submission.host, submission.startTlsPort),
  ].filter((way) => way !== false);
  return (
    <>
      <Facts
        facts={[
          [words.mode, words.modes[installation.mode]],
          [words.version, installation.version],
          [words.consoleUrl, installation.consoleUrl],
          [words.portalUrl, installation.portalUrl],
          [words.submission, ways.join('; ')],
          [words.setUp, installation.setUpAt && <When key="set-up" time={installation.setUpAt} as="long" />],
        ]}
      />
      {installation.mode === 'sandbox' ? (
        <LeaveSandbox installation={installation} />
      ) : (
        <Notice tone="done" title={words.left} />
      )}
    </>
  );
}

function LeaveSandbox({ installation }: { installation: Installation }) {
  const may = useMay('installation:operate');
  const [consoleUrl, setConsoleUrl] = useState(installation.consoleUrl ?? '');
  const [portalUrl, setPortalUrl] = useState(installation.portalUrl ?? '');
  const [open, setOpen] = useState(false);
  const [sure, setSure] = useState(false);
  const client = useQueryClient();
  const leave = useMutation({
    mutationFn: () => leaveSandbox({ consoleUrl, portalUrl }),
    onSuccess: async (changed) => {
      setOpen(false);
      client.setQueryData(installationQuery.queryKey, changed);
      client.removeQueries({ queryKey: ['sandbox'] });
      await client.invalidateQueries({ queryKey: ['session'] });
    },
  });
  const change = (next: boolean) => {
    setOpen(next);
    setSure(false);
    leave.reset();
  };
  if (!may) return null;
  return (
    <Section title={words.leaveTitle}>
      <p className="prose-width text-ink-2">{words.leaveLead}</p>
      <Button kind="danger" className="self-start" onClick={() => change(true)}>
        {words.leave}
      </Button>
      <Dialog open={open} onOpenChange={change} title={words.leaveTitle} description={words.leaveLead}>
        <TextField
          label={words.consoleUrl}
          type="url"
          value={consoleUrl}
          error={fieldError(leave.error, 'consoleUrl')}
          onChange={(event) => setConsoleUrl(event.target.value)}
        />
        <TextField
          label={words.portalUrl}
          hint={words.portalHint}
          type="url"
          value={portalUrl}
          error={fieldError(leave.error, 'portalUrl')}
          onChange={(event) => setPortalUrl(event.target.value)}
        />
        <Tick label={words.leaveConfirm} checked={sure} onChange={(event) => setSure(event.target.checked)} />
        <ActFailure error={leave.error} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={() => change(false)}>{words.leaveKeep}</Button>
          <Button kind="danger" disabled={!sure} busy={leave.isPending} onClick={() => leave.mutate()}>
            {words.leave}
          </Button>
        </div>
      </Dialog>
    </Section>
  );
}
