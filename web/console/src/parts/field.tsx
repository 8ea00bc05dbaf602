import type {
  InputHTMLAttributes,
  ReactNode,
  Ref,
  SelectHTMLAttributes,
  TextareaHTMLAttributes,
} from 'react';
import { useId } from 'react';
import { common } from '../text/common.ts';

export interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | null | undefined;
  optional?: boolean;
}

interface Wiring {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

export function Field(props: FieldProps & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId();
  const hint = props.hint ? `${id}-hint` : '';
  const error = props.error ? `${id}-error` : '';
  const described = `${hint} ${error}`.trim();
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium">
        {props.label}
        {props.optional && <span className="font-normal text-ink-2"> ({common.optional})</span>}
      </label>
      {props.hint && (
        <div id={hint} className="text-ink-2">
          {props.hint}
        </div>
      )}
      {props.children({
        id,
        'aria-describedby': described === '' ? undefined : described,
        'aria-invalid': props.error ? true : undefined,
      })}
      {props.error && (
        <p id={error} className="text-failed">
          {props.error}
        </p>
      )}
    </div>
  );
}

type Own<Attributes> = Omit<Attributes, 'id'> & FieldProps;

export function TextField({
  label,
  hint,
  error,
  optional,
  className,
  ...rest
}: Own<InputHTMLAttributes<HTMLInputElement>> & { ref?: Ref<HTMLInputElement> }) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional ?? false}>
      {(wiring) => <input type="text" {...rest} {...wiring} className={`control ${className ?? ''}`} />}
    </Field>
  );
}

export function TextArea({
  label,
  hint,
  error,
  optional,
  className,
  ...rest
}: Own<TextareaHTMLAttributes<HTMLTextAreaElement>>) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional ?? false}>
      {(wiring) => <textarea rows={6} {...rest} {...wiring} className={`control ${className ?? ''}`} />}
    </Field>
  );
}

export function Choice({
  label,
  hint,
  error,
  optional,
  className,
  choices,
  ...rest
}: Own<SelectHTMLAttributes<HTMLSelectElement>> & { choices: readonly { value: string; label: string }[] }) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional ?? false}>
      {(wiring) => (
        <select {...rest} {...wiring} className={`control ${className ?? ''}`}>
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** A check box with its words beside it and an explanation below. */
export function Tick({
  label,
  hint,
  ...rest
}: Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'type'> & { label: string; hint?: string }) {
  const id = useId();
  return (
    <div className="flex gap-2.5">
      <input
        {...rest}
        type="checkbox"
        id={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="mt-0.5 size-4 shrink-0 accent-action"
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {hint && (
          <p id={`${id}-hint`} className="text-ink-2">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
