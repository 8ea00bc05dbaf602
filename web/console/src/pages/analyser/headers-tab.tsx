import { useMutation } from '@tanstack/react-query';
import { FileText, Waypoints } from 'lucide-react';
import { type DragEvent, type FormEvent, useRef, useState } from 'react';
import type { HeaderAnalysis } from '../../api-types.ts';
import { analyseHeaders, headerOf, MOST_CHARACTERS } from '../../data/analyser.ts';
import { Button } from '../../parts/button.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { TextArea } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { analyserText as words } from '../../text/analyser.ts';
import { HopDiagram } from './hop-diagram.tsx';
import { HopTable } from './hop-table.tsx';
import { spanText } from './hop-words.ts';

/** Paste or drop a header; see how the message travelled. */
export function HeadersTab() {
  const [text, setText] = useState('');
  const [unreadable, setUnreadable] = useState(false);
  const analysis = useMutation({ mutationFn: analyseHeaders });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    analysis.mutate(text);
  };
  const take = async (file: File | undefined) => {
    if (file === undefined) return;
    try {
      // The header stands first; four octets a character at most.
      const header = headerOf(await file.slice(0, MOST_CHARACTERS * 4).text());
      setUnreadable(false);
      setText(header);
      analysis.mutate(header);
    } catch {
      // The browser says no more than that it could not read it (moved, or not permitted).
      setUnreadable(true);
    }
  };
  const drop = (event: DragEvent) => {
    const [file] = event.dataTransfer.files;
    if (file === undefined) return;
    event.preventDefault();
    void take(file);
  };
  return (
    <div className="flex flex-col gap-6">
      <form
        onSubmit={submit}
        onDrop={drop}
        onDragOver={(event) => event.preventDefault()}
        className="flex flex-col gap-3"
      >
        <TextArea
          label={words.paste}
          hint={words.pasteHint}
          error={unreadable ? words.unreadable : null}
          rows={8}
          spellCheck={false}
          autoComplete="off"
          className="font-mono text-xs"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Acts
          busy={analysis.isPending}
          empty={text.trim() === ''}
          onFile={(file) => void take(file)}
          onClear={() => {
            setText('');
            setUnreadable(false);
            analysis.reset();
          }}
        />
      </form>
      <div aria-live="polite" className="flex flex-col gap-6 empty:hidden">
        {analysis.isPending && <RowsSkeleton rows={4} label={words.working} />}
        {analysis.error && <ActFailure error={analysis.error} />}
        {analysis.data && <Result analysis={analysis.data} />}
      </div>
      {analysis.isIdle && (
        <Empty icon={<Waypoints />} title={words.emptyTitle}>
          {words.empty}
        </Empty>
      )}
    </div>
  );
}

function Acts({
  busy,
  empty,
  onFile,
  onClear,
}: {
  busy: boolean;
  empty: boolean;
  onFile: (file: File | undefined) => void;
  onClear: () => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className="flex flex-wrap gap-2">
      <Button type="submit" kind="primary" busy={busy} disabled={empty}>
        {words.analyse}
      </Button>
      <input
        ref={input}
        type="file"
        accept=".eml,.txt,.msg,message/rfc822,text/plain"
        tabIndex={-1}
        aria-hidden="true"
        className="hidden"
        onChange={(event) => {
          onFile(event.target.files?.[0]);
          event.target.value = '';
        }}
      />
      <Button
        icon={<FileText aria-hidden="true" className="size-4" />}
        onClick={() => input.current?.click()}
      >
        {words.choose}
      </Button>
      {!empty && (
        <Button kind="quiet" onClick={onClear}>
          {words.clear}
        </Button>
      )}
    </div>
  );
}

const TONES = {
  encrypted: 'done',
  'not-proven': 'held',
  clear: 'failed',
  'nothing-to-judge': 'info',
} as const;

function Result({ analysis }: { analysis: HeaderAnalysis }) {
  const { overall, hops, hiddenLegs, totalSeconds, leftOut, truncated } = analysis;
  if (hops.length === 0) {
    return (
      <Empty icon={<Waypoints />} title={words.noHopsTitle}>
        {words.noHops}
      </Empty>
    );
  }
  return (
    <>
      <Section title={words.result}>
        <Notice tone={TONES[overall.kind]} title={`${words.overall[overall.kind]}.`}>
          <p>
            {words.overallMore[overall.kind]} {words.confidenceIs(words.confidence[overall.confidence])}.
          </p>
        </Notice>
        <ul className="flex list-disc flex-col gap-0.5 pl-5">
          {overall.reasons.map(({ code, hops: list }) => (
            <li key={code}>
              {words.hops(list)}: {words.reason[code]}
            </li>
          ))}
          {totalSeconds !== null && <li>{words.took(spanText(totalSeconds))}</li>}
          {leftOut > 0 && <li>{words.leftOut(leftOut)}</li>}
          {truncated && <li>{words.truncated}</li>}
        </ul>
      </Section>
      <Section title={words.diagram}>
        <HopDiagram analysis={analysis} />
      </Section>
      <Section title={words.table}>
        <HopTable hops={hops} />
      </Section>
      <Section title={words.hidden}>
        <ul className="flex list-disc flex-col gap-0.5 pl-5">
          {hiddenLegs.map(({ leg, hop }) => (
            <li key={leg}>
              {words.leg[leg]}
              {hop !== null && ` (${words.legSeen(hop)})`}
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}
