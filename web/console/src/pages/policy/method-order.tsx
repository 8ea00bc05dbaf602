import { ArrowDown, ArrowUp, GripVertical, Plus, X } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Method } from '../../api-types.ts';
import { Button, IconButton } from '../../parts/button.tsx';
import { Menu, MenuItem } from '../../parts/menu.tsx';
import { SealMark } from '../../parts/seal-mark.tsx';
import { common } from '../../text/common.ts';
import { policyText as words } from '../../text/policy.ts';
import { addable, moveTo } from './order.ts';

/**
 * The order of methods. Buttons move an entry and keep the focus on it, Alt with the arrow keys does the same, and a
 * pointer may drag; every move is announced.
 */
export function MethodOrder(props: {
  label: string;
  order: readonly Method[];
  offered: readonly Method[];
  disabled?: boolean;
  onChange: (order: Method[]) => void;
}) {
  const { order, offered, disabled = false, onChange } = props;
  const list = useRef<HTMLOListElement>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const [said, setSaid] = useState('');
  const move = (from: number, to: number) => {
    const method = order[from];
    if (method === undefined || to < 0 || to >= order.length) return;
    onChange(moveTo(order, from, to));
    setSaid(words.moved(common.method[method], to + 1, order.length));
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>(`[data-method="${method}"]`)?.focus(),
    );
  };
  return (
    <div className="flex flex-col gap-2">
      <ol ref={list} aria-label={props.label} className="flex max-w-xl flex-col border-t border-line">
        {order.map((method, index) => (
          <li
            key={method}
            data-method={method}
            tabIndex={-1}
            draggable={!disabled}
            onDragStart={() => setDragged(index)}
            onDragEnd={() => setDragged(null)}
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => {
              event.preventDefault();
              if (dragged !== null) move(dragged, index);
            }}
            onKeyDown={(event) => {
              if (!event.altKey || disabled || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
              event.preventDefault();
              move(index, event.key === 'ArrowUp' ? index - 1 : index + 1);
            }}
            className={`flex items-center gap-2 border-b border-line py-1.5 ${dragged === index ? 'opacity-50' : ''}`}
          >
            <GripVertical aria-hidden="true" className="size-4 shrink-0 cursor-grab text-ink-2" />
            <span className="tabular w-4 text-ink-2">{index + 1}</span>
            <span className="flex min-w-0 flex-1 flex-wrap items-center gap-x-2">
              <SealMark name={method} words />
              {!offered.includes(method) && <span className="text-xs text-ink-2">({words.notOffered})</span>}
            </span>
            <IconButton
              label={words.up(common.method[method])}
              disabled={disabled || index === 0}
              icon={<ArrowUp aria-hidden="true" className="size-4" />}
              onClick={() => move(index, index - 1)}
            />
            <IconButton
              label={words.down(common.method[method])}
              disabled={disabled || index === order.length - 1}
              icon={<ArrowDown aria-hidden="true" className="size-4" />}
              onClick={() => move(index, index + 1)}
            />
            <IconButton
              label={words.removeMethod(common.method[method])}
              disabled={disabled || order.length === 1}
              icon={<X aria-hidden="true" className="size-4" />}
              onClick={() => onChange(order.filter((one) => one !== method))}
            />
          </li>
        ))}
      </ol>
      <p aria-live="polite" className="sr-only">
        {said}
      </p>
      {!disabled && addable(order).length > 0 && (
        <div>
          <Menu
            trigger={<Button icon={<Plus aria-hidden="true" className="size-4" />}>{words.addMethod}</Button>}
          >
            {addable(order).map((method) => (
              <MenuItem key={method} onSelect={() => onChange([...order, method])}>
                <SealMark name={method} words />
                {!offered.includes(method) && (
                  <span className="text-xs text-ink-2">({words.notOffered})</span>
                )}
              </MenuItem>
            ))}
          </Menu>
        </div>
      )}
    </div>
  );
}
