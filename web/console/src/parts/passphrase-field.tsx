import { Eye, EyeOff } from 'lucide-react';
import { type InputHTMLAttributes, type ReactNode, useId, useState } from 'react';
import { signInText } from '../text/sign-in.ts';

/** A passphrase that may be looked at while it is typed, as SP 800-63B §3.1.1 asks. */
export function PassphraseField({
  label,
  hint,
  status,
  error,
  ...rest
}: Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'type'> & {
  label: string;
  hint?: ReactNode;
  status?: ReactNode;
  error?: string | undefined;
}) {
  const id = useId();
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {hint && (
        <p id={`${id}-hint`} className="text-ink-2">
          {hint}
        </p>
      )}
      <div className="relative">
        <input
          {...rest}
          id={id}
          type={shown ? 'text' : 'password'}
          aria-describedby={`${hint ? `${id}-hint` : ''} ${id}-status`.trim()}
          aria-invalid={error ? true : undefined}
          spellCheck={false}
          autoCapitalize="none"
          className="control pr-11"
        />
        <button
          type="button"
          onClick={() => setShown(!shown)}
          aria-pressed={shown}
          aria-label={signInText.show}
          title={shown ? signInText.hide : signInText.show}
          className="absolute inset-y-0 right-0 flex w-10 items-center justify-center rounded-md text-ink-2 hover:text-ink focus-visible:-outline-offset-2"
        >
          <Icon aria-hidden="true" className="size-4" />
        </button>
      </div>
      <p
        id={`${id}-status`}
        aria-live="polite"
        className={`empty:hidden ${error ? 'text-failed' : 'text-ink-2'}`}
      >
        {error ?? status}
      </p>
    </div>
  );
}
