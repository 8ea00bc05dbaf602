import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { comboAct } from './combobox-keys.ts';
import { Field, type FieldProps } from './field.tsx';

export interface ComboOption {
  readonly value: string;
  readonly label: string;
  /** A second line, such as an address. */
  readonly detail?: string;
}

interface Props extends FieldProps {
  /** What the field says while nobody types in it: the chosen one. */
  readonly shown: string;
  readonly value: string;
  readonly options: readonly ComboOption[];
  /** How many there are, or why none: read out and shown below the list. */
  readonly status: string;
  readonly required?: boolean | undefined;
  readonly disabled?: boolean | undefined;
  readonly placeholder?: string | undefined;
  /** What is typed, to look for; empty when nothing is. */
  readonly onText: (text: string) => void;
  /** Null when the field was emptied. */
  readonly onChoose: (option: ComboOption | null) => void;
}

/**
 * A text field that offers what matches, after the combobox pattern of the WAI-ARIA Authoring Practices (editable, list
 * autocomplete, manual selection). Text that was typed and not chosen does not stay. The list stands below the field in the
 * flow of the page: in a dialog nothing is cut off, and on a telephone nothing lies over anything.
 */
export function Combobox({ shown, value, options, status, onText, onChoose, ...field }: Props) {
  const list = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const [open, setOpen] = useState(false);
  // By value, not by place: when the list changes under the keyboard, Enter takes no other option.
  const [active, setActive] = useState<string | null>(null);
  const at = options.findIndex((option) => option.value === active);
  const type = (text: string | null) => {
    setTyped(text);
    onText(text ?? '');
  };
  /** Shows the chosen one again, so that what the field says is always what a form would send. */
  const close = () => {
    setOpen(false);
    setActive(null);
    type(null);
  };
  const choose = (option: ComboOption) => {
    onChoose(option);
    close();
  };
  const leave = () => {
    if (typed?.trim() === '' && value !== '') onChoose(null);
    close();
  };
  const press = (event: KeyboardEvent) => {
    const act = comboAct(event.key, { open, active: at, count: options.length });
    if (act === null) return setActive(null);
    event.preventDefault();
    if (act.act === 'close') return close();
    setOpen(true);
    if (act.act === 'move') return setActive(options[act.to]?.value ?? null);
    const option = act.act === 'choose' ? options[act.at] : undefined;
    if (option !== undefined) choose(option);
  };
  return (
    <Field {...field}>
      {(wiring) => (
        <>
          <input
            type="text"
            role="combobox"
            data-closes-by-escape=""
            autoComplete="off"
            spellCheck={false}
            required={field.required}
            disabled={field.disabled}
            placeholder={field.placeholder}
            aria-autocomplete="list"
            aria-expanded={open}
            aria-controls={list}
            aria-activedescendant={open && at >= 0 ? `${list}-${at}` : undefined}
            {...wiring}
            value={typed ?? shown}
            className="control"
            onChange={(event) => {
              type(event.target.value);
              setOpen(true);
              setActive(null);
            }}
            onClick={() => setOpen(true)}
            onBlur={leave}
            onKeyDown={press}
          />
          <Options id={list} open={open} label={field.label} {...{ options, value, choose }} active={at} />
          <p role="status" className={open ? 'text-ink-2' : 'sr-only'}>
            {open ? status : ''}
          </p>
        </>
      )}
    </Field>
  );
}

function Options(props: {
  id: string;
  open: boolean;
  label: string;
  options: readonly ComboOption[];
  value: string;
  active: number;
  choose: (option: ComboOption) => void;
}) {
  const current = useRef<HTMLDivElement>(null);
  const { active } = props;
  useEffect(() => {
    if (active >= 0) current.current?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  return (
    <div
      id={props.id}
      role="listbox"
      aria-label={props.label}
      hidden={!props.open || props.options.length === 0}
      className="max-h-56 overflow-y-auto rounded-md border border-line-strong bg-paper"
    >
      {props.open &&
        props.options.map((option, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field, which keeps the focus
          // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus and points here
          <div
            key={option.value}
            id={`${props.id}-${index}`}
            ref={index === active ? current : undefined}
            role="option"
            aria-selected={option.value === props.value}
            className={`cursor-pointer px-2.5 py-1.5 [overflow-wrap:anywhere] hover:bg-paper-2 ${index === active ? 'bg-paper-3 outline-2 -outline-offset-2 outline-action' : ''}`}
            // The field keeps the focus: losing it would close the list before the press counts.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => props.choose(option)}
          >
            {option.label}
            {option.detail !== undefined && <span className="block text-ink-2">{option.detail}</span>}
          </div>
        ))}
    </div>
  );
}
