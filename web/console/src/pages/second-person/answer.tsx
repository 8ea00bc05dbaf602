import { CopyBox } from '../../parts/copy-box.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Notice } from '../../parts/notice.tsx';
import { secondPersonText as words } from '../../text/safeguards.ts';
import { answerLines } from './answer-lines.ts';
import { fieldName } from './in-words.ts';

/** What an act answered, for the one who asked: what is seen this once stands by itself, to be copied. */
export function Answer({ json }: { json: string }) {
  const { secrets, rest } = answerLines(json);
  return (
    <Notice tone="held" live title={words.answer}>
      <div className="flex flex-col gap-3">
        <p>{words.takeLead}</p>
        {secrets.map(([name, value]) => (
          <CopyBox key={name} label={fieldName(name)} text={value} />
        ))}
        <Facts facts={rest.map(([name, value]) => [fieldName(name), value])} />
      </div>
    </Notice>
  );
}
