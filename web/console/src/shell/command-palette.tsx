import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { PenLine, Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Session } from '../api-types.ts';
import { keepTerms } from '../data/search-terms.ts';
import { Dialog } from '../parts/dialog.tsx';
import { shell } from '../text/shell.ts';
import { destinationsFor } from './destinations.ts';

const ITEM = 'flex min-h-9 items-center gap-2.5 rounded px-2.5 py-1.5 data-[selected=true]:bg-action-soft';
const HEADING =
  '[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-2';

/** Ctrl or Cmd with K, from anywhere: go to a page, write a message, search messages. */
export function CommandPalette({
  session,
  open,
  onOpenChange,
}: {
  session: Session;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const [words, setWords] = useState('');
  const navigate = useNavigate();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      onOpenChange(true);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [onOpenChange]);
  const run = (act: () => unknown) => () => {
    onOpenChange(false);
    setWords('');
    act();
  };
  const wanted = words.trim();
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={shell.palette} wide>
      <Command label={shell.palette} loop className="flex flex-col gap-2">
        <Command.Input
          value={words}
          onValueChange={setWords}
          placeholder={shell.paletteHint}
          aria-label={shell.paletteHint}
          className="control"
        />
        <Command.List label={shell.palette} className="max-h-[50vh] overflow-y-auto">
          <Command.Empty className="px-2.5 py-3 text-ink-2">{shell.paletteEmpty}</Command.Empty>
          <Command.Group heading={shell.paletteGo} className={HEADING}>
            {destinationsFor(session).map(({ to, label, icon: Icon }) => (
              <Command.Item key={to} value={label} onSelect={run(() => navigate({ to }))} className={ITEM}>
                <Icon aria-hidden="true" className="size-4 text-ink-2" />
                {label}
              </Command.Item>
            ))}
          </Command.Group>
          <Command.Group heading={shell.paletteAct} className={HEADING}>
            {session.permissions.includes('messages:send') && (
              <Command.Item
                value={shell.compose}
                onSelect={run(() => navigate({ to: '/compose' }))}
                className={ITEM}
              >
                <PenLine aria-hidden="true" className="size-4 text-ink-2" />
                {shell.compose}
              </Command.Item>
            )}
            {wanted !== '' && session.permissions.includes('messages:read') && (
              <Command.Item
                value={`search ${wanted}`}
                onSelect={run(() =>
                  navigate({ to: '/messages', search: { q: keepTerms({ text: wanted }) } }),
                )}
                className={ITEM}
              >
                <Search aria-hidden="true" className="size-4 text-ink-2" />
                {shell.paletteSearch(wanted)}
              </Command.Item>
            )}
          </Command.Group>
        </Command.List>
      </Command>
    </Dialog>
  );
}
