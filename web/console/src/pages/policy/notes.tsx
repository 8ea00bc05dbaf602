import { CircleAlert, TriangleAlert } from 'lucide-react';
import type { PlaceNotes } from '../../data/use-policy-review.ts';

/** What is wrong or risky at one place of the form; announced when it appears. */
export function Notes({ notes }: { notes: PlaceNotes }) {
  return (
    <div aria-live="polite" className="flex flex-col gap-1 empty:hidden md:col-span-full">
      {notes.problems.map((text) => (
        <p key={text} className="flex gap-1.5 text-failed">
          <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
          {text}
        </p>
      ))}
      {notes.warnings.map((text) => (
        <p key={text} className="flex gap-1.5 text-held">
          <TriangleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
          {text}
        </p>
      ))}
    </div>
  );
}
