import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Check, ChevronDown, LogOut } from 'lucide-react';
import { useState } from 'react';
import type { Session } from '../api-types.ts';
import { forgetTerms } from '../data/search-terms.ts';
import { workFor } from '../data/session.ts';
import { signOut } from '../data/sign-in.ts';
import { providerSignOut } from '../data/single-sign-on.ts';
import { Button } from '../parts/button.tsx';
import { Menu, MenuItem, MenuLine } from '../parts/menu.tsx';
import { keptTheme, setTheme, type Theme } from '../parts/theme.ts';
import { forgetSession } from '../send.ts';
import { shell } from '../text/shell.ts';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

export function AccountMenu({ session }: { session: Session }) {
  const [theme, choose] = useState(keptTheme);
  const client = useQueryClient();
  const navigate = useNavigate();
  const leave = async () => {
    // Also when the server cannot be reached nothing of this session may stay in the tab.
    const atProvider = await providerSignOut().catch(() => null);
    await signOut().catch(() => undefined);
    if (atProvider !== null) {
      forgetTerms();
      window.location.assign(atProvider);
      return;
    }
    forgetSession();
    // First away from the page: what is still drawn would ask again, without a session.
    await navigate({ to: '/sign-in' });
    forgetTerms();
    client.clear();
  };
  const change = async (organisation: string) => {
    await workFor(organisation);
    forgetTerms();
    // A fresh start of the page: nothing of the other organisation may stay in memory.
    window.location.assign('/');
  };
  return (
    <Menu
      label={`${session.identity.displayName} · ${session.identity.address}`}
      trigger={
        <Button kind="quiet" aria-label={shell.account(session.identity.displayName)} className="max-w-full">
          <span className="min-w-0 truncate">{session.identity.displayName}</span>
          <ChevronDown aria-hidden="true" className="size-4 shrink-0" />
        </Button>
      }
    >
      {session.organisations.length > 1 && (
        <>
          <MenuLine />
          {session.organisations.map((one) => (
            <MenuItem
              key={one.id}
              onSelect={() => void change(one.id)}
              icon={
                <span className="size-4">
                  {one.id === session.organisation.id && <Check aria-hidden="true" className="size-4" />}
                </span>
              }
            >
              {one.name}
            </MenuItem>
          ))}
        </>
      )}
      <MenuLine />
      {THEMES.map((one) => (
        <MenuItem
          key={one}
          onSelect={() => {
            setTheme(one);
            choose(one);
          }}
          icon={
            <span className="size-4">{one === theme && <Check aria-hidden="true" className="size-4" />}</span>
          }
        >
          {shell.themes[one]}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem onSelect={() => void leave()} icon={<LogOut aria-hidden="true" className="size-4" />}>
        {shell.signOut}
      </MenuItem>
    </Menu>
  );
}
