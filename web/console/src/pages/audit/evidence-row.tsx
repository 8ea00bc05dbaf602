import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { CircleAlert, Lock } from 'lucide-react';
import { useRef } from 'react';
import type { AuditEvidence } from '../../api-types.ts';
import { beginSearch } from '../../data/audit.ts';
import { evidenceFilePath, putEvidenceFile } from '../../data/evidence.ts';
import { useMay } from '../../data/session.ts';
import { Button, buttonClass } from '../../parts/button.tsx';
import { DownloadLink } from '../../parts/download-link.tsx';
import { Code } from '../../parts/facts.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { localDay, size } from '../../parts/time.ts';
import { When } from '../../parts/when.tsx';
import { evidenceText as words } from '../../text/evidence.ts';
import { fileProblem, sha256Of } from './evidence-file.ts';

/** One filed report: what it is, whether its file is sealed, and what can be done with it. */
export function EvidenceRow({ evidence: one }: { evidence: AuditEvidence }) {
  const seesIncidents = useMay('incidents:read');
  return (
    <li className="flex flex-col gap-2 border-b border-line py-3">
      <div className="flex flex-wrap items-baseline gap-x-6 gap-y-1">
        <p className="min-w-0 flex-1 basis-64 font-medium [overflow-wrap:anywhere]">{one.source}</p>
        <p>
          {localDay(one.periodFrom)} – {localDay(one.periodUntil)}
        </p>
        <p className="text-ink-2">
          {words.filed} <When time={one.filedAt} /> {words.by} {one.filedBy}
        </p>
      </div>
      {one.note !== '' && (
        <p className="prose-width whitespace-pre-wrap [overflow-wrap:anywhere]">{one.note}</p>
      )}
      <Seal evidence={one} />
      <div className="no-print flex flex-wrap items-center gap-2">
        {one.sha256 === null ? (
          <AddFile evidence={one} />
        ) : (
          <>
            <DownloadLink path={evidenceFilePath(one.id)} fileName={one.fileName} className={buttonClass()}>
              {words.download}
              <span className="sr-only"> {one.fileName}</span>
            </DownloadLink>
            <Compare fileName={one.fileName} sha256={one.sha256} />
          </>
        )}
        <InLog evidence={one} />
        {one.incident !== null && seesIncidents && (
          <Link to="/incidents/$id" params={{ id: one.incident }} className={buttonClass('quiet')}>
            {words.seeIncident}
          </Link>
        )}
      </div>
    </li>
  );
}

function Seal({ evidence: one }: { evidence: AuditEvidence }) {
  if (one.sha256 === null)
    return (
      <p className="flex items-start gap-2 text-held">
        <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
        <span className="[overflow-wrap:anywhere]">
          {words.missing}: {one.fileName}
        </span>
      </p>
    );
  return (
    <div className="flex items-start gap-2">
      <Lock aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-done" />
      <p className="min-w-0">
        <span className="[overflow-wrap:anywhere]">
          {words.sealed}: {one.fileName}
          {one.size !== null && `, ${size(one.size)}`}
        </span>
        <span className="block text-ink-2">
          {words.hash} <Code>{one.sha256}</Code>
        </span>
      </p>
    </div>
  );
}

/** The file of a report that was filed without one: the way was broken off. */
function AddFile({ evidence }: { evidence: AuditEvidence }) {
  const may = useMay('audit:review');
  const input = useRef<HTMLInputElement>(null);
  const client = useQueryClient();
  const put = useMutation({
    mutationFn: (file: File) => putEvidenceFile(evidence.id, file),
    onSettled: () => client.invalidateQueries({ queryKey: ['audit-evidence'] }),
  });
  const problem = fileProblem(put.variables ?? null);
  if (!may) return null;
  return (
    <>
      <HiddenFile input={input} onFile={(file) => put.mutate(file)} />
      <Button busy={put.isPending} onClick={() => input.current?.click()}>
        {words.addFile}
      </Button>
      {put.isError && problem !== null && <p className="text-failed">{problem}</p>}
      {put.isError && problem === null && <ActFailure error={put.error} />}
    </>
  );
}

/** Whether a file at hand is the one that was filed; nothing of it leaves the page. */
function Compare({ fileName, sha256 }: { fileName: string; sha256: string }) {
  const input = useRef<HTMLInputElement>(null);
  const compare = useMutation({ mutationFn: async (file: File) => (await sha256Of(file)) === sha256 });
  return (
    <>
      <HiddenFile input={input} onFile={(file) => compare.mutate(file)} />
      <Button busy={compare.isPending} onClick={() => input.current?.click()}>
        {words.compare}
        <span className="sr-only"> {words.compareWith(fileName)}</span>
      </Button>
      <span role="status" className={compare.data === false ? 'text-failed' : 'text-done'}>
        {compare.isPending && words.comparing}
        {compare.data === true && words.same}
        {compare.data === false && words.different}
      </span>
      <ActFailure error={compare.error} />
    </>
  );
}

function HiddenFile(props: { input: { current: HTMLInputElement | null }; onFile: (file: File) => void }) {
  return (
    <input
      ref={props.input}
      type="file"
      tabIndex={-1}
      aria-hidden="true"
      className="hidden"
      onChange={(event) => {
        const file = event.target.files?.[0];
        event.target.value = '';
        if (file) props.onFile(file);
      }}
    />
  );
}

/** What the log says of this report: filing, file, every opening. */
function InLog({ evidence }: { evidence: AuditEvidence }) {
  const navigate = useNavigate();
  const begin = useMutation({
    mutationFn: () => beginSearch({ subject: evidence.id }),
    onSuccess: (q) => navigate({ to: '/audit/search', search: { q } }),
  });
  return (
    <>
      <Button kind="quiet" busy={begin.isPending} onClick={() => begin.mutate()}>
        {words.inLog}
        <span className="sr-only">: {evidence.fileName}</span>
      </Button>
      <ActFailure error={begin.error} />
    </>
  );
}
