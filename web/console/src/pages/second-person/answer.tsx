import { Button } from '../../parts/button.tsx';
import { CopyBox } from '../../parts/copy-box.tsx';
import { downloadText } from '../../parts/download.ts';
import { Facts } from '../../parts/facts.tsx';
import { Notice } from '../../parts/notice.tsx';
import { secondPersonText as words } from '../../text/safeguards.ts';
import { answered } from './answer-lines.ts';
import { fieldName } from './in-words.ts';

/** What an act answered, for the one who asked: what is seen this once stands by itself, the rest on demand. */
export function Answer({ route, json }: { route: string; json: string }) {
  const { once, file, rest } = answered(route, json, window.location.origin);
  return (
    <Notice tone="held" live title={words.answer}>
      <div className="flex flex-col gap-3">
        <p>{words.takeLead}</p>
        {once.map(([name, value]) => (
          <div key={name} className="flex flex-col gap-1">
            <p className="font-medium">{fieldName(name)}</p>
            <CopyBox label={fieldName(name)} text={value} />
          </div>
        ))}
        {file && (
          <div>
            <Button onClick={() => downloadText(file.name, file.content)}>{words.saveFile(file.name)}</Button>
          </div>
        )}
        {rest.length > 0 && (
          <details open={once.length === 0 && file === null}>
            <summary className="cursor-pointer">{words.rest}</summary>
            <div className="pt-2">
              <Facts facts={rest.map(([name, value]) => [fieldName(name), value])} />
            </div>
          </details>
        )}
      </div>
    </Notice>
  );
}
