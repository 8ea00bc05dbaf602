import { MonitorSmartphone, Server, UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import type { HeaderAnalysis, Hop, HopVerdict } from '../../api-types.ts';
import { analyserText as words } from '../../text/analyser.ts';
import { delayText, peerName, receiverName, tlsLine } from './hop-words.ts';
import { VerdictMark } from './verdict-mark.tsx';

/** How the line between two servers is drawn: solid, doubled or broken, so that it reads without colour. */
const LINES: Readonly<Record<HopVerdict['kind'], string>> = {
  encrypted: 'border-solid border-done',
  internal: 'border-double border-line-strong',
  clear: 'border-dashed border-failed',
  'not-recorded': 'border-dotted border-held',
  unreadable: 'border-dotted border-held',
};

/**
 * The way of the message from top to bottom: servers and the legs between them, author and reader at its ends. For the
 * eye only; the table says the same to everybody.
 */
export function HopDiagram({ analysis }: { analysis: HeaderAnalysis }) {
  const { hops, hiddenLegs } = analysis;
  const authorSeen = hiddenLegs.some(({ leg, hop }) => leg === 'author-to-first-server' && hop !== null);
  return (
    <div
      role="img"
      aria-label={words.diagramLabel(hops.length)}
      className="rounded-md border border-line px-4 py-4"
    >
      {!authorSeen && (
        <>
          <Node icon={<UserRound className="size-4" />}>{words.author}</Node>
          <Unseen />
        </>
      )}
      {hops.map((hop, index) => (
        <div key={hop.position} className={index > 0 && changesHands(hops[index - 1], hop) ? 'mt-3' : ''}>
          {(index === 0 || changesHands(hops[index - 1], hop)) && (
            <Node
              icon={
                index === 0 && authorSeen ? <UserRound className="size-4" /> : <Server className="size-4" />
              }
            >
              {hop.text === null ? peerName(hop) : words.unknown}
            </Node>
          )}
          <Leg hop={hop} />
          <Node icon={<Server className="size-4" />}>
            {hop.text === null ? receiverName(hop) : words.unknown}
          </Node>
        </div>
      ))}
      <Unseen />
      <Node icon={<MonitorSmartphone className="size-4" />}>{words.reader}</Node>
    </div>
  );
}

/** A server that gives itself another name to the next one stands twice: nothing proves that it is the same. */
function changesHands(before: Hop | undefined, hop: Hop): boolean {
  if (before === undefined || before.text !== null || hop.text !== null) return true;
  if (hop.verdict.basis === 'local-program') return false;
  const names = [hop.from.resolvedName, hop.from.claimedName, hop.from.address];
  const known = [before.by.name, before.by.address].filter((name) => name !== null);
  return !known.some((name) => names.some((one) => one?.toLowerCase() === name.toLowerCase()));
}

function Node({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <div className="flex items-center gap-2.5">
      <span className="grid size-7 shrink-0 place-items-center rounded-full border border-line-strong bg-paper-2 text-ink-2">
        {icon}
      </span>
      <span className="min-w-0 font-medium [overflow-wrap:anywhere]">{children}</span>
    </div>
  );
}

function Leg({ hop }: { hop: Hop }) {
  const facts = [hop.protocol, tlsLine(hop), delayText(hop.delaySeconds)].filter(
    (fact) => fact !== null && fact !== '',
  );
  return (
    <div
      className={`my-1 ml-3 flex flex-wrap items-center gap-x-3 gap-y-1 border-l-4 py-2.5 pl-5 ${LINES[hop.verdict.kind]}`}
    >
      <span className="tabular text-ink-2">{hop.position}</span>
      <VerdictMark verdict={hop.verdict} />
      <span className="min-w-0 text-ink-2 [overflow-wrap:anywhere]">{facts.join(' · ')}</span>
    </div>
  );
}

/** A leg that no header shows. */
function Unseen() {
  return (
    <div className="my-1 ml-3 border-l-4 border-dotted border-line py-2.5 pl-5 text-ink-2">
      {words.unseen}
    </div>
  );
}
