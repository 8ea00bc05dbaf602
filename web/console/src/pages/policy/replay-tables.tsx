import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { PolicyReplay, ReplayGroup, ReplaySample } from '../../api-types.ts';
import { SealMark } from '../../parts/seal-mark.tsx';
import { common } from '../../text/common.ts';
import { workbenchText as words } from '../../text/policy-workbench.ts';

const number = (value: number): string => value.toLocaleString('en');

/** A small table that a narrow screen scrolls sideways, by keyboard too. */
function SmallTable({
  title,
  heads,
  children,
}: {
  title: string;
  heads: readonly string[];
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard (WCAG 2.1.1)
    <section aria-label={title} tabIndex={0} className="overflow-x-auto">
      <table className="w-full max-w-3xl border-collapse text-left">
        <caption className="pb-2 text-left text-base font-semibold">{title}</caption>
        <thead>
          <tr className="border-b border-line text-ink-2">
            {heads.map((head, place) => (
              <th
                key={head}
                scope="col"
                className={`py-1 pr-4 font-medium ${place > 0 ? 'whitespace-nowrap' : ''}`}
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

export function MoveTable({ moves }: { moves: PolicyReplay['moves'] }) {
  return (
    <SmallTable title={words.moves} heads={[words.from, words.to, words.number, words.ofThemAssumed]}>
      {moves.map((one) => (
        <tr key={`${one.from} ${one.to}`} className="border-b border-line last:border-0">
          <td className="py-1.5 pr-4">
            <SealMark name={one.from} words />
          </td>
          <td className="py-1.5 pr-4">
            <SealMark name={one.to} words />
          </td>
          <td className="tabular py-1.5 pr-4">{number(one.count)}</td>
          <td className="tabular py-1.5 pr-4 text-ink-2">{number(one.assumed)}</td>
        </tr>
      ))}
    </SmallTable>
  );
}

export function GroupTable(props: {
  title: string;
  groups: readonly ReplayGroup[];
  name: (name: string) => string;
}) {
  const heads = [
    ...[words.group, words.decisions, words.changedShort, words.higherShort, words.lowerShort],
    ...[words.gainedShort, words.lostShort],
  ];
  return (
    <SmallTable title={props.title} heads={heads}>
      {props.groups.map((one) => (
        <tr key={one.name} className="border-b border-line last:border-0">
          <th scope="row" className="py-1.5 pr-4 font-medium">
            {props.name(one.name)}
          </th>
          {[one.decisions, one.changed, one.higher, one.lower, one.gained, one.lost].map((value, place) => (
            <td key={heads[place + 1]} className="tabular py-1.5 pr-4">
              {number(value)}
            </td>
          ))}
        </tr>
      ))}
    </SmallTable>
  );
}

/** Who a copy was for is told on the message's page, to those who may see it. */
export function SampleList({ samples }: { samples: readonly ReplaySample[] }) {
  return (
    <ul className="border-t border-line">
      {samples.map((one) => (
        <li
          key={one.delivery}
          className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line py-2"
        >
          <span className="flex flex-wrap items-center gap-x-2">
            <SealMark name={one.from} words /> <span aria-hidden="true">→</span>
            <span className="sr-only">{words.to}</span> <SealMark name={one.to} words />
          </span>
          <span>{words.effects[one.effect]}</span>
          <span className="min-w-0 flex-1 basis-48 text-ink-2 [overflow-wrap:anywhere]">
            {one.domain}, {common.class[one.class]}, {common.stream[one.stream]}
          </span>
          <Link to="/messages/$id" params={{ id: one.message }} className="underline">
            {words.toMessage}
            <span className="sr-only"> {one.message.slice(-6)}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
