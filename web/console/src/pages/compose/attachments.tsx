import { Paperclip, X } from 'lucide-react';
import { useRef } from 'react';
import { Button, IconButton } from '../../parts/button.tsx';
import { size } from '../../parts/time.ts';
import { composeText as words } from '../../text/compose.ts';

/** Base64 makes a third more of it; the API takes 10 MB of JSON. */
export const MOST_OCTETS = 7_000_000;

export function octetsOf(files: readonly File[]): number {
  return files.reduce((sum, file) => sum + file.size, 0);
}

export function Attachments({
  files,
  onChange,
}: {
  files: readonly File[];
  onChange: (files: readonly File[]) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 font-medium">{words.attachments}</legend>
      <p className="text-ink-2">{words.attachHint}</p>
      {files.length > 0 && (
        <ul className="flex flex-col gap-1">
          {files.map((file) => (
            <li key={`${file.name} ${file.lastModified} ${file.size}`} className="flex items-center gap-2">
              <Paperclip aria-hidden="true" className="size-4 shrink-0 text-ink-2" />
              <span className="min-w-0 [overflow-wrap:anywhere]">{file.name}</span>
              <span className="whitespace-nowrap text-ink-2">{size(file.size)}</span>
              <IconButton
                label={words.removeFile(file.name)}
                icon={<X aria-hidden="true" className="size-4" />}
                onClick={() => onChange(files.filter((one) => one !== file))}
              />
            </li>
          ))}
        </ul>
      )}
      {octetsOf(files) > MOST_OCTETS && (
        <p role="alert" className="text-failed">
          {words.tooLarge}
        </p>
      )}
      <input
        ref={input}
        type="file"
        multiple
        tabIndex={-1}
        aria-hidden="true"
        className="hidden"
        onChange={(event) => {
          onChange([...files, ...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
      <Button
        className="self-start"
        icon={<Paperclip aria-hidden="true" className="size-4" />}
        onClick={() => input.current?.click()}
      >
        {words.attach}
      </Button>
    </fieldset>
  );
}
