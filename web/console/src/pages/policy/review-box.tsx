import type { Review } from '../../data/use-policy-review.ts';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { problemText, sentenceWords, warningText } from '../../text/policy-sentences.ts';
import { workbenchText as words } from '../../text/policy-workbench.ts';

/** The whole policy in sentences, with what is wrong and what is risky. */
export function ReviewBox({ review }: { review: Review }) {
  const { data } = review;
  return (
    <Section title={words.review}>
      <p className="text-ink-2">{words.reviewLead}</p>
      <ActFailure error={review.error} />
      {!data && !review.error && <RowsSkeleton rows={4} label={words.reviewing} />}
      {data && data.problems.length > 0 && (
        <Notice tone="held" title={words.problems} live>
          <TextList texts={data.problems.map(({ code }) => problemText(code))} />
        </Notice>
      )}
      {data && data.warnings.length > 0 && (
        <Notice tone="held" title={words.warnings}>
          <TextList texts={data.warnings.map((one) => warningText(one.code, one.parameters))} />
        </Notice>
      )}
      {data && (
        <ul className="prose-width flex list-disc flex-col gap-1 pl-5 [overflow-wrap:anywhere]">
          {data.sentences.map((one) => (
            <li key={one.key}>{sentenceWords(one.code, one.parameters)}</li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function TextList({ texts }: { texts: readonly string[] }) {
  return (
    <ul className="list-disc pl-5">
      {[...new Set(texts)].map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}
