import type { ReactNode } from 'react';
import { useEffect, useRef } from 'react';
import { common } from '../text/common.ts';

/** The page that was shown last, and whether its heading took the focus. */
let last: { readonly path: string; readonly focused: boolean } | null = null;

/**
 * The frame of every page: title of the document, one heading, at most one primary action. After a change of route the
 * heading takes the focus, so that a screen reader says where one is and Tab goes on from there. What takes the place of
 * a page while it loads is the same page: its heading hands the focus on, but takes it from nothing that one has gone to since.
 */
export function Page({
  title,
  lead,
  actions,
  children,
}: {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${common.product}`;
  }, [title]);
  useEffect(() => {
    const path = window.location.pathname;
    const same = last?.path === path;
    const lost = same && last?.focused === true && document.activeElement === document.body;
    const take = (last !== null && !same) || lost;
    if (take) heading.current?.focus({ preventScroll: true });
    last = { path, focused: take || (same && last?.focused === true) };
  }, []);
  return (
    <div className="mx-auto flex max-w-6xl flex-col gap-5 px-4 py-5 md:px-8 md:py-7">
      <header className="flex flex-wrap items-start gap-x-4 gap-y-3">
        <div className="min-w-0 flex-1 basis-64">
          <h1
            ref={heading}
            tabIndex={-1}
            className="text-xl leading-tight font-semibold tracking-tight break-words"
          >
            {title}
          </h1>
          {lead && <div className="prose-width mt-1 text-ink-2">{lead}</div>}
        </div>
        {actions && <div className="no-print flex flex-wrap gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A titled part of a page, without a box around it. */
export function Section({
  title,
  actions,
  children,
}: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <h2 className="flex-1 text-base font-semibold">{title}</h2>
        {actions}
      </div>
      {children}
    </section>
  );
}
