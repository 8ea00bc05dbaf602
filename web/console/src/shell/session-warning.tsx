import { useEffect, useState } from 'react';
import type { Session } from '../api-types.ts';
import { staySignedIn } from '../data/session.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { activity } from '../send.ts';
import { sessionGuardText } from '../text/session-guard.ts';

const LOOK_MS = 10_000;
const WARN_MS = 120_000;
/** Somebody who types without sending anything is reported after so long. */
const REPORT_MS = 60_000;

interface Warning {
  readonly kind: 'idle' | 'absolute';
  readonly minutes: number;
}

/** What to warn of: the nearer end of the session, in the two minutes before it. */
export function warningAt(
  now: number,
  session: Pick<Session, 'expiresAt' | 'idleSeconds'>,
  told: number,
): Warning | null {
  const idle = told + session.idleSeconds * 1000 - now;
  const absolute = Date.parse(session.expiresAt) - now;
  const left = Math.min(idle, absolute);
  if (left > WARN_MS) return null;
  return { kind: idle < absolute ? 'idle' : 'absolute', minutes: Math.max(0, Math.ceil(left / 60_000)) };
}

/** Two minutes before the session ends by itself the reader hears of it, and can stay. */
export function SessionWarning({ session }: { session: Session }) {
  const words = sessionGuardText.warning;
  const [warning, setWarning] = useState<Warning | null>(null);
  const [read, setRead] = useState(false);
  useEffect(() => {
    const look = () => {
      const now = Date.now();
      const { input, told } = activity();
      if (input > told && now - told > REPORT_MS && now - input < REPORT_MS) {
        // Failures show at the next thing that the reader does.
        void staySignedIn().catch(() => undefined);
        return;
      }
      setWarning(warningAt(now, session, told));
    };
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [session]);
  if (warning === null || (warning.kind === 'absolute' && read)) return null;
  const stay = () => {
    setWarning(null);
    if (warning.kind === 'absolute') setRead(true);
    else void staySignedIn().catch(() => undefined);
  };
  return (
    <Dialog open onOpenChange={stay} title={words.title} description={words[warning.kind](warning.minutes)}>
      <Button kind="primary" className="self-start" onClick={stay}>
        {warning.kind === 'idle' ? words.stay : words.understood}
      </Button>
    </Dialog>
  );
}
