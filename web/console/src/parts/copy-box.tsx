import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { common } from '../text/common.ts';
import { Button } from './button.tsx';

/** Something that is shown once, to be copied. */
export function CopyBox({ label, text }: { label: string; text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  const Icon = copied ? Check : Copy;
  return (
    <div className="flex flex-col items-start gap-2">
      <output
        aria-label={label}
        className="block w-full rounded-md border border-line bg-paper-2 p-3 font-mono select-all [overflow-wrap:anywhere]"
      >
        {text}
      </output>
      <Button icon={<Icon aria-hidden="true" className="size-4" />} onClick={() => void copy()}>
        {copied ? common.copied : common.copy}
      </Button>
    </div>
  );
}
