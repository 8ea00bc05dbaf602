import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import type { IssuedApiKey } from '../../api-types.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { apiKeysText as words } from '../../text/administration.ts';
import { common } from '../../text/common.ts';

/** The one time a secret is seen. */
export function SecretDialog({ issued, onClose }: { issued: IssuedApiKey | null; onClose: () => void }) {
  const [copied, setCopied] = useState(false);
  const close = () => {
    setCopied(false);
    onClose();
  };
  const copy = async () => {
    if (!issued) return;
    await navigator.clipboard.writeText(issued.secret);
    setCopied(true);
  };
  return (
    <Dialog
      open={issued !== null}
      onOpenChange={(open) => !open && close()}
      title={words.secretTitle}
      description={words.secretLead}
    >
      <output
        aria-label={words.secret}
        className="block rounded-md border border-line bg-paper-2 p-3 font-mono [overflow-wrap:anywhere] select-all"
      >
        {issued?.secret}
      </output>
      <div className="flex flex-wrap justify-end gap-2">
        <Button
          icon={
            copied ? (
              <Check aria-hidden="true" className="size-4" />
            ) : (
              <Copy aria-hidden="true" className="size-4" />
            )
          }
          onClick={() => void copy()}
        >
          {copied ? common.copied : common.copy}
        </Button>
        <Button kind="primary" onClick={close}>
          {words.secretKept}
        </Button>
      </div>
    </Dialog>
  );
}
