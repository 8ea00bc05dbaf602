import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import type { PdfSettingsShown } from '../../api-types.ts';
import { changePdfSettings, pdfSettingsQuery } from '../../data/administration.ts';
import { Button, IconButton } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { TextField, Tick } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { pdfWaysText as words } from '../../text/administration.ts';
import { common } from '../../text/common.ts';
import { moveTo } from '../policy/order.ts';

type Way = PdfSettingsShown['channels'][number];
const WAYS: readonly Way[] = ['agreed', 'text', 'portal'];

/** By which ways passwords travel, in which order, and how large a mail may be. */
export function PasswordWays({ may }: { may: boolean }) {
  const settings = useQuery(pdfSettingsQuery);
  return (
    <Section title={words.title}>
      <p className="prose-width text-ink-2">{words.lead}</p>
      {settings.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {settings.isError && <Failure error={settings.error} retry={() => void settings.refetch()} />}
      {settings.data && <WaysForm settings={settings.data} may={may} />}
    </Section>
  );
}

function WaysForm({ settings, may }: { settings: PdfSettingsShown; may: boolean }) {
  // What is not used stands behind, so that every way can be seen and moved.
  const [order, setOrder] = useState<Way[]>([
    ...settings.channels,
    ...WAYS.filter((way) => !settings.channels.includes(way)),
  ]);
  const [used, setUsed] = useState<ReadonlySet<Way>>(new Set(settings.channels));
  const [most, setMost] = useState(String(settings.mostMegabytes));
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      changePdfSettings({ channels: order.filter((way) => used.has(way)), mostMegabytes: Number(most) }),
    onSuccess: (saved) => client.setQueryData(pdfSettingsQuery.queryKey, saved),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const toggle = (way: Way) => {
    const next = new Set(used);
    if (!next.delete(way)) next.add(way);
    setUsed(next);
  };
  return (
    <form onSubmit={submit} className="flex max-w-xl flex-col gap-5">
      <WayList order={order} used={used} settings={settings} may={may} onOrder={setOrder} onToggle={toggle} />
      {used.size === 0 && <Notice tone="held" live title={words.noneUsed} />}
      <TextField
        label={words.most}
        hint={words.mostHint}
        type="number"
        required
        min={1}
        max={50}
        disabled={!may}
        className="w-24"
        value={most}
        onChange={(event) => setMost(event.target.value)}
      />
      <ActFailure error={save.error} />
      {save.isSuccess && <Notice tone="done" live title={words.saved} />}
      {may && (
        <Button
          type="submit"
          kind="primary"
          busy={save.isPending}
          disabled={used.size === 0}
          className="self-start"
        >
          {common.save}
        </Button>
      )}
    </form>
  );
}

function WayList(props: {
  order: Way[];
  used: ReadonlySet<Way>;
  settings: PdfSettingsShown;
  may: boolean;
  onOrder: (order: Way[]) => void;
  onToggle: (way: Way) => void;
}) {
  const { order, used, settings, may, onOrder, onToggle } = props;
  const list = useRef<HTMLOListElement>(null);
  const [said, setSaid] = useState('');
  const move = (from: number, to: number) => {
    const way = order[from];
    if (way === undefined) return;
    onOrder(moveTo(order, from, to));
    setSaid(words.moved(words.ways[way], to + 1, order.length));
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-way="${way}"]`)?.focus());
  };
  return (
    <>
      <ol ref={list} aria-label={words.order} className="flex flex-col border-t border-line">
        {order.map((way, index) => (
          <li
            key={way}
            data-way={way}
            tabIndex={-1}
            className="flex items-start gap-2 border-b border-line py-2.5"
          >
            <span className="tabular w-4 text-ink-2">{index + 1}</span>
            <div className="min-w-0 flex-1">
              <Tick
                label={words.ways[way]}
                hint={way === 'text' && !settings.textPossible ? words.noText : words.hints[way]}
                disabled={!may}
                checked={used.has(way)}
                onChange={() => onToggle(way)}
              />
            </div>
            <IconButton
              label={words.up(words.ways[way])}
              disabled={!may || index === 0}
              icon={<ArrowUp aria-hidden="true" className="size-4" />}
              onClick={() => move(index, index - 1)}
            />
            <IconButton
              label={words.down(words.ways[way])}
              disabled={!may || index === order.length - 1}
              icon={<ArrowDown aria-hidden="true" className="size-4" />}
              onClick={() => move(index, index + 1)}
            />
          </li>
        ))}
      </ol>
      <p aria-live="polite" className="sr-only">
        {said}
      </p>
    </>
  );
}
