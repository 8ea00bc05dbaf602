import { Download } from 'lucide-react';
import { Button } from '../../parts/button.tsx';
import { downloadText } from '../../parts/download.ts';
import { Section } from '../../parts/page.tsx';
import { setupText as words } from '../../text/sign-in.ts';

/** A person's recovery codes, shown once. */
export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  return (
    <Section title={words.codes}>
      <p className="text-ink-2">{words.codesLead}</p>
      <ul className="grid gap-x-6 sm:grid-cols-2 gap-y-1 rounded-md border border-line bg-paper-2 p-3 font-mono">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Button
        className="self-start"
        icon={<Download aria-hidden="true" className="size-4" />}
        onClick={() => {
          downloadText(words.codesFile, `${codes.join('\n')}\n`);
          onKept();
        }}
      >
        {words.codesDownload}
      </Button>
    </Section>
  );
}
