import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { ApiProblem } from '../../api.ts';
import { recoveryKit } from '../../data/sign-in.ts';
import { Button } from '../../parts/button.tsx';
import { downloadText } from '../../parts/download.ts';
import { ActFailure } from '../../parts/failure.tsx';
import { Tick } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { setupText as words } from '../../text/sign-in.ts';
import { RecoveryCodes } from './recovery-codes.tsx';

/** Codes for the person, kit for the installation; going on asks for a deliberate confirmation. */
export function RecoveryStep({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const [codesKept, setCodesKept] = useState(false);
  const [confirmed, setConfirmed] = useState(false);
  const kit = useMutation({
    mutationFn: recoveryKit,
    onSuccess: ({ fileName, content }) => downloadText(fileName, content, 'application/octet-stream'),
  });
  // Where a key service keeps the root key there is nothing to download.
  const elsewhere = kit.error instanceof ApiProblem && kit.error.code === 'wrong-state';
  const ready = codesKept && (kit.isSuccess || elsewhere);
  return (
    <div className="flex flex-col gap-6">
      <RecoveryCodes codes={codes} onKept={() => setCodesKept(true)} />
      <Section title={words.kit}>
        <p className="text-ink-2">{words.kitLead}</p>
        {elsewhere ? <Notice live>{words.kitElsewhere}</Notice> : <ActFailure error={kit.error} />}
        <Button
          className="self-start"
          busy={kit.isPending}
          icon={<Download aria-hidden="true" className="size-4" />}
          onClick={() => kit.mutate()}
        >
          {kit.isSuccess ? words.kitAgain : words.kitDownload}
        </Button>
        {kit.data && (
          <div role="status" className="flex flex-col gap-1.5">
            <p className="font-medium">{words.kitCode}</p>
            <p className="text-ink-2">{words.kitCodeLead}</p>
            <output className="block rounded-md border border-line bg-paper-2 p-3 font-mono select-all [overflow-wrap:anywhere]">
              {kit.data.code}
            </output>
          </div>
        )}
      </Section>
      <div className="flex flex-col gap-4 border-t border-line pt-5">
        <Tick
          label={words.confirm}
          {...(ready ? {} : { hint: words.confirmFirst })}
          disabled={!ready}
          checked={confirmed && ready}
          onChange={(event) => setConfirmed(event.target.checked)}
        />
        <Button kind="primary" className="self-start" disabled={!confirmed || !ready} onClick={onDone}>
          {words.finishSetup}
        </Button>
      </div>
    </div>
  );
}
