import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

/** Changes that come in one burst lead to one reading. */
const GATHER_MS = 150;
/** How often to ask while the stream is down. */
const FALLBACK_MS = 4_000;

/**
 * Follows one message by server-sent events: each change makes the message's data stale and read again. The stream
 * itself carries no content. While it is down the message is asked for every few seconds. Returns whether it is up.
 */
export function useLiveMessage(id: string): boolean {
  const client = useQueryClient();
  const [up, setUp] = useState(false);
  useEffect(() => {
    let gathered: ReturnType<typeof setTimeout> | undefined;
    let open = false;
    const refresh = () => {
      gathered = undefined;
      void client.invalidateQueries({ queryKey: ['message', id], exact: true });
    };
    const onChange = () => {
      gathered ??= setTimeout(refresh, GATHER_MS);
    };
    const source = new EventSource(`/v1/messages/${encodeURIComponent(id)}/events`);
    source.addEventListener('open', () => {
      open = true;
      setUp(true);
      // What changed between the first reading and the stream's start would else be missed.
      onChange();
    });
    source.addEventListener('error', () => {
      open = false;
      setUp(false);
    });
    source.addEventListener('change', onChange);
    const fallback = setInterval(() => {
      if (!open) refresh();
    }, FALLBACK_MS);
    return () => {
      source.close();
      clearInterval(fallback);
      clearTimeout(gathered);
    };
  }, [client, id]);
  return up;
}
