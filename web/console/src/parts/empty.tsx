import type { ReactNode } from 'react';

/** An empty place says what it is and what the first step would be. */
export function Empty({
  icon,
  title,
  children,
  action,
}: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-start gap-2 rounded-md border border-dashed border-line px-5 py-8">
      {icon && (
        <div aria-hidden="true" className="text-ink-2 [&>svg]:size-6">
          {icon}
        </div>
      )}
      <p className="text-base font-semibold">{title}</p>
      {children && <div className="prose-width text-ink-2">{children}</div>}
      {action && <div className="mt-2">{action}</div>}
    </div>
  );
}

/** Rows of the shape that is about to come. */
export function RowsSkeleton({ rows = 6, label }: { rows?: number; label: string }) {
  const widths = ['w-1/2', 'w-2/3', 'w-1/3', 'w-3/5'];
  return (
    <div role="status" aria-label={label} className="flex flex-col">
      {Array.from({ length: rows }, (_, index) => `row-${index}`).map((key, index) => (
        <div key={key} className="flex items-center gap-4 border-b border-line py-3">
          <div className="skeleton h-3.5 w-16 shrink-0" />
          <div className={`skeleton h-3.5 ${widths[index % widths.length]}`} />
          <div className="skeleton ml-auto h-3.5 w-20 shrink-0" />
        </div>
      ))}
    </div>
  );
}
