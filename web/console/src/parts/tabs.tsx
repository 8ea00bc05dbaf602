import { Tabs as Radix } from 'radix-ui';
import { type ReactNode, useEffect, useRef } from 'react';
import { bringIntoSight } from './bring-into-sight.ts';

interface Tab {
  readonly id: string;
  readonly label: ReactNode;
  readonly content: ReactNode;
}

/**
 * Parts of a page of which one is shown; arrow keys move between them. With `choice` the page keeps which one it is, such
 * as in its address, so that a link can lead to a part; one that is not there stands for the first.
 */
export function Tabs({
  label,
  tabs,
  choice,
}: {
  label: string;
  tabs: readonly Tab[];
  choice?: { shown: string | undefined; onShow: (id: string) => void };
}) {
  const first = tabs[0]?.id ?? '';
  const shown = tabs.find(({ id }) => id === choice?.shown)?.id ?? first;
  const list = useRef<HTMLDivElement>(null);
  // On a phone the list is wider than the screen: the part that a link leads to is in sight.
  useEffect(() => {
    bringIntoSight(list.current?.querySelector('[data-state="active"]'));
  }, []);
  return (
    <Radix.Root {...(choice ? { value: shown, onValueChange: choice.onShow } : { defaultValue: first })}>
      <Radix.List
        ref={list}
        aria-label={label}
        className="no-print flex gap-1 overflow-x-auto border-b border-line"
      >
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.id}
            value={tab.id}
            onFocus={(event) => bringIntoSight(event.currentTarget)}
            className="-mb-px border-b-2 border-transparent px-3 py-2 font-medium whitespace-nowrap text-ink-2 hover:text-ink focus-visible:-outline-offset-2 data-[state=active]:border-action data-[state=active]:text-ink"
          >
            {tab.label}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.id} value={tab.id} className="pt-5 focus-visible:outline-offset-4">
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
