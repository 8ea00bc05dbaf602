import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { PolicyDocument, PolicyReview } from '../api-types.ts';
import { problemText, warningText } from '../text/policy-sentences.ts';
import { reviewPolicy } from './policy-workbench.ts';

const PAUSE_MS = 400;

/** What is wrong or risky at one place of a form. */
export interface PlaceNotes {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

export interface Review {
  readonly data: PolicyReview | undefined;
  readonly error: Error | null;
  /** What is said of this path, or with `below` also of everything in it. */
  at(path: string, below?: boolean): PlaceNotes;
  readonly sound: boolean;
}

/** The policy on the page as the server reads it, asked for when the writer pauses. */
export function usePolicyReview(document: PolicyDocument): Review {
  const text = JSON.stringify(document);
  const [asked, setAsked] = useState({ text, document });
  useEffect(() => {
    const timer = setTimeout(() => setAsked({ text, document: JSON.parse(text) }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const review = useQuery({
    queryKey: ['policy-review', asked.text],
    queryFn: ({ signal }) => reviewPolicy(asked.document, signal),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 0,
    refetchOnWindowFocus: false,
    retry: false,
  });
  const { data } = review;
  return {
    data,
    error: review.error,
    sound: data === undefined || data.problems.length === 0,
    at(path, below = false) {
      const meant = (one: { path: string }) =>
        one.path === path || (below && one.path.startsWith(`${path}.`));
      return {
        problems: (data?.problems ?? []).filter(meant).map(({ code }) => problemText(code)),
        warnings: (data?.warnings ?? []).filter(meant).map((one) => warningText(one.code, one.parameters)),
      };
    },
  };
}
