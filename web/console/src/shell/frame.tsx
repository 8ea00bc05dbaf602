import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { FlaskConical, Menu as MenuIcon, Search } from 'lucide-react';
import { useCallback, useState } from 'react';
import type { Session } from '../api-types.ts';
import { useSession } from '../data/session.ts';
import { TamperMark } from '../pages/audit/audit-nav.tsx';
import { ClosedPage } from '../pages/closed.tsx';
import { Button, IconButton } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { common } from '../text/common.ts';
import { shell } from '../text/shell.ts';
import { AccountMenu } from './account-menu.tsx';
import { CommandPalette } from './command-palette.tsx';
import { missingFor } from './destinations.ts';
import { EmergencyBanner } from './emergency-banner.tsx';
import { Navigation } from './navigation.tsx';
import { SessionGuard } from './session-guard.tsx';

/** What stands around every page behind sign-in: skip link, sandbox banner, side bar, command palette. */
export function Frame() {
  const session = useSession();
  return session ? <FrameOf session={session} /> : null;
}

function FrameOf({ session }: { session: Session }) {
  const [palette, setPalette] = useState(false);
  const openPalette = useCallback((open: boolean) => setPalette(open), []);
  const sandbox = session.mode === 'sandbox';
  const path = useRouterState({ select: (state) => state.location.pathname });
  const missing = missingFor(session, path);
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-paper focus:px-3 focus:py-2"
      >
        {common.skip}
      </a>
      <div className="no-print sticky top-0 z-30">
        {sandbox && <SandboxBanner mayLeave={session.permissions.includes('installation:operate')} />}
        <EmergencyBanner />
        <TopBar session={session} onPalette={() => setPalette(true)} />
      </div>
      <div className="flex flex-1 flex-col md:flex-row">
        <aside
          aria-label={common.product}
          className={`no-print sticky hidden w-56 shrink-0 flex-col gap-4 overflow-y-auto border-r border-line bg-paper-2 p-3 md:flex ${sandbox ? 'top-9 h-[calc(100dvh-2.25rem)]' : 'top-0 h-dvh'}`}
        >
          <Brand organisation={session.organisation.name} />
          <Button
            onClick={() => setPalette(true)}
            icon={<Search aria-hidden="true" className="size-4" />}
            className="justify-start font-normal"
          >
            {shell.palette}
            <kbd className="ml-auto font-sans text-xs text-ink-2">Ctrl K</kbd>
          </Button>
          <Navigation session={session} />
          <div className="mt-auto border-t border-line pt-2">
            {session.permissions.includes('audit:read') && <TamperMark />}
            <AccountMenu session={session} />
          </div>
        </aside>
        <main id="content" key={path} tabIndex={-1} className="min-w-0 flex-1 scroll-mt-24">
          {missing === null ? <Outlet /> : <ClosedPage missing={missing} />}
        </main>
      </div>
      <SessionGuard session={session} />
      <CommandPalette session={session} open={palette} onOpenChange={openPalette} />
    </div>
  );
}

function Brand({ organisation }: { organisation: string }) {
  return (
    <Link to="/" className="flex items-center gap-2.5 rounded-md px-1 py-1">
      <img src="/favicon.svg" alt="" className="size-7" />
      <span className="min-w-0">
        <span className="block leading-tight font-semibold">{common.product}</span>
        <span className="block truncate text-xs text-ink-2">{organisation}</span>
      </span>
    </Link>
  );
}

/** The phone's bar: brand, commands, navigation in a drawer. */
function TopBar({ session, onPalette }: { session: Session; onPalette: () => void }) {
  const [open, setOpen] = useState(false);
  return (
    <header className="flex items-center gap-1 border-b border-line bg-paper px-3 py-1.5 md:hidden">
      <div className="min-w-0 flex-1">
        <Brand organisation={session.organisation.name} />
      </div>
      <IconButton
        label={shell.palette}
        icon={<Search aria-hidden="true" className="size-5" />}
        onClick={onPalette}
      />
      <IconButton
        label={shell.openNavigation}
        icon={<MenuIcon aria-hidden="true" className="size-5" />}
        onClick={() => setOpen(true)}
      />
      <Dialog open={open} onOpenChange={setOpen} title={shell.navigation}>
        <Navigation session={session} onGo={() => setOpen(false)} />
        <div className="border-t border-line pt-2">
          {session.permissions.includes('audit:read') && <TamperMark />}
          <AccountMenu session={session} />
        </div>
      </Dialog>
    </header>
  );
}

/** One line, always in sight. */
function SandboxBanner({ mayLeave }: { mayLeave: boolean }) {
  return (
    <section
      aria-label={shell.sandbox}
      className="flex h-9 items-center gap-x-3 border-b border-held-line bg-held-soft px-4 text-held"
    >
      <FlaskConical aria-hidden="true" className="size-4 shrink-0" />
      <p className="min-w-0 flex-1 truncate font-medium">
        <span className="md:hidden">{shell.sandboxShort}</span>
        <span className="hidden md:inline">{shell.sandboxBanner}</span>
      </p>
      {mayLeave && (
        <Link to="/settings/installation" className="whitespace-nowrap underline underline-offset-3">
          {shell.sandboxLeave}
        </Link>
      )}
    </section>
  );
}
