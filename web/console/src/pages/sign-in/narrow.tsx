import type { ReactNode } from 'react';
import { useEffect, useRef } from 'react';
import { common } from '../../text/common.ts';

/** The frame of pages before sign-in: one thing in the middle. A new `title` takes the focus. */
export function Narrow({
  title,
  lead,
  children,
  wide = false,
}: {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
  wide?: boolean;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const first = useRef(true);
  useEffect(() => {
    document.title = `${title} · ${common.product}`;
    if (!first.current) heading.current?.focus();
    first.current = false;
  }, [title]);
  return (
    <main
      className={`mx-auto flex min-h-dvh flex-col gap-6 px-4 py-8 md:py-14 ${wide ? 'max-w-xl' : 'max-w-sm'}`}
    >
      <div className="flex items-center gap-2.5">
        <img src="/favicon.svg" alt="" className="size-8" />
        <span className="text-base font-semibold">{common.product}</span>
      </div>
      <div>
        <h1 ref={heading} tabIndex={-1} className="text-xl leading-tight font-semibold tracking-tight">
          {title}
        </h1>
        {lead && <div className="mt-1.5 text-ink-2">{lead}</div>}
      </div>
      {children}
    </main>
  );
}
