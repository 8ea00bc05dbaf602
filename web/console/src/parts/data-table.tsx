import type { RowData } from '@tanstack/react-table';
import {
  columnVisibilityFeature,
  type createColumnHelper,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Columns3 } from 'lucide-react';
import type { KeyboardEvent, MouseEvent } from 'react';
import { useEffect, useRef, useState } from 'react';
import { common } from '../text/common.ts';
import { Button } from './button.tsx';
import { keepColumns, keptColumns } from './columns-kept.ts';
import { nextRow } from './grid-keys.ts';
import { Menu, MenuTick } from './menu.tsx';

export const gridFeatures = tableFeatures({ columnVisibilityFeature });
export type GridFeatures = typeof gridFeatures;
export type GridColumns<Row extends RowData> = ReturnType<
  ReturnType<typeof createColumnHelper<GridFeatures, Row>>['columns']
>;

/** Beyond this many rows only those in sight are in the document. */
const VIRTUAL_FROM = 200;

interface GridProps<Row extends RowData> {
  /** Accessible name, and the key under which the column choice is kept. */
  name: string;
  label: string;
  columns: GridColumns<Row>;
  /** Columns that are hidden until the reader chooses otherwise. */
  hiddenAtFirst?: readonly string[];
  rows: Row[];
  rowId: (row: Row) => string;
  rowLabel: (row: Row) => string;
  onOpen?: (row: Row) => void;
}

/**
 * The console's table: sticky header, column choice, one tab stop with arrow keys between rows and Enter to open,
 * virtualised beyond 200 rows; below 48 rem each row is a small card whose cells carry their column's name.
 */
export function DataTable<Row extends RowData>(props: GridProps<Row>) {
  const [visible, setVisible] = useState(() => keptColumns(props.name, props.hiddenAtFirst));
  const table = useTable({
    features: gridFeatures,
    columns: props.columns,
    data: props.rows,
    getRowId: props.rowId,
    state: { columnVisibility: visible },
    onColumnVisibilityChange: setVisible,
  });
  useEffect(() => keepColumns(props.name, visible), [props.name, visible]);

  const rows = table.getRowModel().rows;
  const box = useRef<HTMLDivElement>(null);
  const virtual = rows.length > VIRTUAL_FROM;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => 44,
    overscan: 12,
    enabled: virtual,
  });
  const grid = useGridFocus(box, rows.length, (index) => virtual && virtualizer.scrollToIndex(index));

  const items = virtual ? virtualizer.getVirtualItems() : [];
  const shown = virtual ? items.map((item) => item.index) : rows.map((_, index) => index);
  const before = items[0]?.start ?? 0;
  const after = virtual ? virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;
  const span = table.getVisibleLeafColumns().length;

  return (
    <div className="flex flex-col gap-2">
      <div className="no-print flex items-center justify-between gap-3 text-ink-2">
        <p role="status">{common.showing(rows.length)}</p>
        <Menu
          label={common.columns}
          trigger={
            <Button
              kind="quiet"
              icon={<Columns3 aria-hidden="true" className="size-4" />}
              className="phone:hidden"
            >
              {common.columns}
            </Button>
          }
        >
          {table
            .getAllLeafColumns()
            .filter((column) => column.getCanHide())
            .map((column) => (
              <MenuTick
                key={column.id}
                checked={column.getIsVisible()}
                onChange={(checked) => column.toggleVisibility(checked)}
              >
                {headerText(column.columnDef.header)}
              </MenuTick>
            ))}
        </Menu>
      </div>
      <div
        ref={box}
        className={`grid-box relative md:overflow-auto ${virtual ? 'max-h-[max(20rem,calc(100dvh-17rem))] overflow-auto' : 'md:max-h-[max(20rem,calc(100dvh-17rem))]'}`}
      >
        <table
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows that open (WAI-ARIA APG, data grid)
          role="grid"
          aria-label={props.label}
          aria-rowcount={rows.length + 1}
          className="w-full border-collapse text-left"
        >
          <thead className="sticky top-0 z-10 bg-paper phone:sr-only">
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id} aria-rowindex={1}>
                {group.headers.map((header) => (
                  <th
                    key={header.id}
                    scope="col"
                    className="border-b border-line-strong px-3 py-2 text-xs font-medium whitespace-nowrap text-ink-2 first:pl-2"
                  >
                    <table.FlexRender header={header} />
                  </th>
                ))}
              </tr>
            ))}
          </thead>
          <tbody onKeyDown={grid.onKeyDown}>
            {before > 0 && <Spacer height={before} span={span} />}
            {shown.map((index) => {
              const row = rows[index];
              if (!row) return null;
              return (
                <tr
                  key={row.id}
                  data-index={index}
                  ref={virtual ? virtualizer.measureElement : null}
                  aria-rowindex={index + 2}
                  aria-label={props.rowLabel(row.original)}
                  tabIndex={index === grid.active ? 0 : -1}
                  onFocus={() => grid.setActive(index)}
                  onKeyDown={(event) => openOnEnter(event, () => props.onOpen?.(row.original))}
                  onClick={(event) => openOnClick(event, () => props.onOpen?.(row.original))}
                  className={`grid-row border-b border-line hover:bg-paper-2 focus-visible:bg-action-soft focus-visible:-outline-offset-2 ${props.onOpen ? 'cursor-pointer' : ''}`}
                >
                  {row.getVisibleCells().map((cell) => (
                    <td
                      key={cell.id}
                      data-label={headerText(cell.column.columnDef.header)}
                      className="px-3 py-2.5 align-top first:pl-2"
                    >
                      <table.FlexRender cell={cell} />
                    </td>
                  ))}
                </tr>
              );
            })}
            {after > 0 && <Spacer height={after} span={span} />}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function headerText(header: unknown): string {
  return typeof header === 'string' ? header : '';
}

function Spacer({ height, span }: { height: number; span: number }) {
  return (
    <tr>
      <td colSpan={span} style={{ height, padding: 0 }} />
    </tr>
  );
}

/** Roving focus over the rows: one tab stop, arrows move. */
function useGridFocus(box: { current: HTMLElement | null }, rows: number, reveal: (index: number) => void) {
  const [active, setActive] = useState(0);
  const goTo = (index: number) => {
    setActive(index);
    reveal(index);
    // The row may only be in the document after the virtualiser has drawn it.
    requestAnimationFrame(() => {
      requestAnimationFrame(() =>
        box.current?.querySelector<HTMLElement>(`tr[data-index="${index}"]`)?.focus(),
      );
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !(event.target instanceof HTMLElement)) return;
    if (event.target.tagName !== 'TR') return;
    const next = nextRow(event.key, active, rows);
    if (next === null) return;
    event.preventDefault();
    goTo(next);
  };
  return { active: Math.min(active, Math.max(0, rows - 1)), setActive, onKeyDown };
}

function openOnEnter(event: KeyboardEvent, open: () => void): void {
  if (event.key !== 'Enter' || event.target !== event.currentTarget) return;
  event.preventDefault();
  open();
}

/** A click anywhere in the row opens it, unless it was on a link or control, or text was being selected. */
function openOnClick(event: MouseEvent, open: () => void): void {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (event.target instanceof Element && event.target.closest('a, button, input')) return;
  if ((window.getSelection()?.toString() ?? '') !== '') return;
  open();
}
