import { Check } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';

const ITEM =
  'flex min-h-8 cursor-default items-center gap-2 rounded px-2 py-1.5 outline-none select-none data-highlighted:bg-paper-3 data-disabled:opacity-60';

/** A menu behind a button. Not modal, so that it needs no style element for locking the page's scroll. */
export function Menu({
  trigger,
  label,
  children,
}: {
  trigger: ReactNode;
  label?: string;
  children: ReactNode;
}) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-[70vh] min-w-48 overflow-y-auto rounded-md border border-line bg-paper p-1 text-sm shadow-lg"
        >
          {label && <DropdownMenu.Label className="px-2 py-1 text-xs text-ink-2">{label}</DropdownMenu.Label>}
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export function MenuItem({
  onSelect,
  icon,
  children,
}: {
  onSelect: () => void;
  icon?: ReactNode;
  children: ReactNode;
}) {
  return (
    <DropdownMenu.Item onSelect={onSelect} className={ITEM}>
      {icon}
      {children}
    </DropdownMenu.Item>
  );
}

/** Stays open, so that several can be ticked in a row. */
export function MenuTick({
  checked,
  onChange,
  disabled = false,
  children,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  children: ReactNode;
}) {
  return (
    <DropdownMenu.CheckboxItem
      checked={checked}
      disabled={disabled}
      onCheckedChange={onChange}
      onSelect={(event) => event.preventDefault()}
      className={ITEM}
    >
      <span className="size-4">
        <DropdownMenu.ItemIndicator>
          <Check aria-hidden="true" className="size-4" />
        </DropdownMenu.ItemIndicator>
      </span>
      {children}
    </DropdownMenu.CheckboxItem>
  );
}

export function MenuLine() {
  return <DropdownMenu.Separator className="my-1 h-px bg-line" />;
}
