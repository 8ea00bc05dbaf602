import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

type Tone = 'info' | 'held' | 'failed' | 'done';

const TONES = {
  info: { box: 'border-line bg-paper-2 text-ink', icon: Info },
  held: { box: 'border-held-line bg-held-soft text-held', icon: TriangleAlert },
  failed: { box: 'border-failed-line bg-failed-soft text-failed', icon: CircleAlert },
  done: { box: 'border-line bg-done-soft text-done', icon: CircleCheck },
} as const;

/** A boxed remark. `failed` is announced at once, the others politely when `live` is set. */
export function Notice({
  tone = 'info',
  title,
  children,
  live = false,
}: {
  tone?: Tone;
  title?: string;
  children?: ReactNode;
  live?: boolean;
}) {
  const { box, icon: Icon } = TONES[tone];
  const role = tone === 'failed' ? 'alert' : live ? 'status' : undefined;
  return (
    <div role={role} className={`flex gap-2.5 rounded-md border px-3 py-2.5 ${box}`}>
      <Icon aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1">
        {title && <p className="font-semibold">{title}</p>}
        {children && <div className={tone === 'info' ? '' : 'text-ink'}>{children}</div>}
      </div>
    </div>
  );
}
