import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { recoveryKit } from '../../data/sign-in.ts';
import { Button } from '../../parts/button.tsx';
import { downloadText } from '../../parts/download.ts';
import { ActFailure } from '../../parts/failure.tsx';
import { Tick } from '../../parts/field.tsx';
import { Section } from '../../parts/page.tsx';
import { setupText as words } from '../../text/sign-in.ts';

/** Codes for the person, kit for the installation; going on asks for a deliberate confirmation. */
export function RecoveryStep({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const [codesKept, setCodesKept] = useState(false);
  const [confirmed, setConfirmed] = useState(false);
  const kit = useMutation({
    mutationFn: recoveryKit,
    onSuccess: ({ fileName, content }) => downloadText(fileName, content, 'application/octet-stream'),
  });
  const ready = codesKept && kit.isSuccess;
  return (
    <div className="flex flex-col gap-6">
      <Section title={words.codes}>
        <p className="text-ink-2">{words.codesLead}</p>
        <ul className="grid grid-cols-2 gap-x-6 gap-y-1 rounded-md border border-line bg-paper-2 p-3 font-mono">
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <Button
          className="self-start"
          icon={<Download aria-hidden="true" className="size-4" />}
          onClick={() => {
            downloadText(words.codesFile, `${codes.join('\n')}\n`);
            setCodesKept(true);
          }}
        >
          {words.codesDownload}
        </Button>
      </Section>
      <Section title={words.kit}>
        <p className="text-ink-2">{words.kitLead}</p>
        <ActFailure error={kit.error} />
        <Button
          className="self-start"
          busy={kit.isPending}
          icon={<Download aria-hidden="true" className="size-4" />}
          onClick={() => kit.mutate()}
        >
          {kit.isSuccess ? words.kitAgain : words.kitDownload}
        </Button>
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
          {words.finish}
        </Button>
      </div>
    </div>
  );
}
