import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { type ReactNode, useRef } from 'react';
import { common } from '../text/common.ts';
import { IconButton } from './button.tsx';

/**
 * A modal dialog. Radix's own overlay is left out on purpose: it writes a style element into the document, which the
 * content security policy forbids; the backdrop here is a plain element.
 */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  wide = false,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  children: ReactNode;
  wide?: boolean;
}) {
  const opener = useRef<Element | null>(null);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <div className="fixed inset-0 z-40 bg-black/50" aria-hidden="true" />
        <Radix.Content
          onOpenAutoFocus={(event) => {
            opener.current = document.activeElement;
            focusFirstField(event);
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            giveBackFocus(opener.current);
          }}
          onEscapeKeyDown={keepForOpenList}
          {...(description ? {} : { 'aria-describedby': undefined })}
          className={`fixed top-[8vh] left-1/2 z-50 flex max-h-[84vh] w-[calc(100vw-2rem)] -translate-x-1/2 flex-col gap-4 overflow-y-auto rounded-md border border-line bg-paper p-5 shadow-xl ${wide ? 'max-w-2xl' : 'max-w-lg'}`}
        >
          <div className="flex items-start gap-3">
            <Radix.Title className="flex-1 text-lg leading-tight font-semibold">{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton
                label={common.close}
                icon={<X aria-hidden="true" className="size-4" />}
                className="-mt-1 -mr-2"
              />
            </Radix.Close>
          </div>
          {description && (
            <Radix.Description asChild>
              <div className="text-ink-2">{description}</div>
            </Radix.Description>
          )}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Escape in an open list of ours closes the list alone. The command palette's list is open for as long as it stands, and closes with it. */
function keepForOpenList(event: Event): void {
  const { target } = event;
  if (target instanceof Element && target.matches('[data-closes-by-escape][aria-expanded="true"]'))
    event.preventDefault();
}

/** Radix knows only triggers of its own. Where the dialog led to another page, that page has the focus already. */
function giveBackFocus(opener: Element | null): void {
  const free = document.activeElement === null || document.activeElement === document.body;
  if (free && opener instanceof HTMLElement && opener.isConnected) opener.focus();
}

/** The first field takes the focus, not the button that closes; where there is none, the dialog itself does. */
function focusFirstField(event: Event): void {
  const content = event.currentTarget;
  if (!(content instanceof HTMLElement)) return;
  const field = content.querySelector<HTMLElement>('input, select, textarea');
  event.preventDefault();
  (field ?? content).focus();
}
