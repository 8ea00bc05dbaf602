import pdf from '@sealpost/ui/seal-marks/pdf.svg';
import pgp from '@sealpost/ui/seal-marks/pgp.svg';
import portal from '@sealpost/ui/seal-marks/portal.svg';
import smime from '@sealpost/ui/seal-marks/smime.svg';
import tls from '@sealpost/ui/seal-marks/tls.svg';
import waiver from '@sealpost/ui/seal-marks/waiver.svg';
import { Ban, CircleDashed } from 'lucide-react';
import type { Method } from '../api-types.ts';
import { common } from '../text/common.ts';

export type SealName = Method | 'none' | 'undecided';

const DRAWINGS: Readonly<Record<Method, string>> = { tls, pgp, smime, pdf, portal, waiver };

const COLOURS: Readonly<Record<SealName, string>> = {
  tls: 'text-seal-tls',
  pgp: 'text-seal-pgp',
  smime: 'text-seal-smime',
  pdf: 'text-seal-pdf',
  portal: 'text-seal-portal',
  waiver: 'text-seal-waiver',
  none: 'text-failed',
  undecided: 'text-ink-2',
};

/** The bar or ground in a method's colour, for charts. */
export const SEAL_GROUNDS: Readonly<Record<SealName, string>> = {
  tls: 'bg-seal-tls',
  pgp: 'bg-seal-pgp',
  smime: 'bg-seal-smime',
  pdf: 'bg-seal-pdf',
  portal: 'bg-seal-portal',
  waiver: 'bg-seal-waiver',
  none: 'bg-failed',
  undecided: 'bg-line-strong',
};

function Drawing({ name }: { name: SealName }) {
  if (name === 'none') return <Ban aria-hidden="true" className="size-4 shrink-0" />;
  if (name === 'undecided') return <CircleDashed aria-hidden="true" className="size-4 shrink-0" />;
  const mask = `url("${DRAWINGS[name]}") center / contain no-repeat`;
  return (
    <span
      aria-hidden="true"
      className="inline-block size-4 shrink-0 bg-current [print-color-adjust:exact] forced-colors:bg-[CanvasText]"
      style={{ mask }}
    />
  );
}

/** A method's seal mark. With `words` its name stands beside it; without, it is the title and accessible name. */
export function SealMark({ name, words = false }: { name: SealName; words?: boolean }) {
  const label = common.method[name];
  return (
    <span className={`inline-flex items-center gap-1.5 ${COLOURS[name]}`} title={words ? undefined : label}>
      <Drawing name={name} />
      <span className={words ? 'whitespace-nowrap' : 'sr-only'}>{label}</span>
    </span>
  );
}
