import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';

type Kind = 'primary' | 'secondary' | 'quiet' | 'danger';

const KINDS: Readonly<Record<Kind, string>> = {
  primary: 'bg-action text-on-action border-transparent hover:bg-action-hover',
  secondary: 'bg-paper text-ink border-line-strong hover:bg-paper-2',
  quiet: 'bg-transparent text-ink border-transparent hover:bg-paper-3',
  danger: 'bg-paper text-failed border-failed-line hover:bg-failed-soft',
};

const SHAPE =
  'inline-flex items-center justify-center gap-2 min-h-9 rounded-md border px-3 py-1.5 text-sm font-medium no-underline ' +
  'motion-safe:transition-colors motion-safe:duration-100 disabled:cursor-not-allowed disabled:opacity-60 aria-disabled:opacity-60';

/** Class of something that looks like a button, for links that act as one. */
export function buttonClass(kind: Kind = 'secondary'): string {
  return `${SHAPE} ${KINDS[kind]}`;
}

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: Kind;
  /** Shows that the act is under way and keeps it from being repeated. */
  busy?: boolean;
  icon?: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({
  kind = 'secondary',
  busy = false,
  icon,
  children,
  className,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy || undefined}
      disabled={rest.disabled === true || busy}
      className={`${buttonClass(kind)} ${className ?? ''}`}
    >
      {busy ? <Spinner /> : icon}
      {children}
    </button>
  );
}

export function IconButton({ label, icon, ...rest }: Omit<ButtonProps, 'children'> & { label: string }) {
  return (
    <Button
      kind="quiet"
      {...rest}
      aria-label={label}
      title={label}
      className={`px-2 ${rest.className ?? ''}`}
    >
      {icon}
    </Button>
  );
}

function Spinner() {
  return (
    <svg viewBox="0 0 16 16" className="size-4 motion-safe:animate-spin" aria-hidden="true">
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" strokeDasharray="28 10" />
    </svg>
  );
}
