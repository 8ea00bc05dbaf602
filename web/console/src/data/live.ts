import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { client as api } from '../api.ts';

/** Changes that come in one burst lead to one reading. */
const GATHER_MS = 150;
/** How often to ask while the stream is down. */
const FALLBACK_MS = 4_000;
/** How long to wait before a stream that has ended is opened again. */
const AGAIN_MS = 2_000;

/**
 * Follows one message by server-sent events: each change makes the message's data stale and read again. The stream
 * itself carries no content. While it is down the message is asked for every few seconds. Returns whether it is up.
 */
export function useLiveMessage(id: string): boolean {
  const client = useQueryClient();
  const [up, setUp] = useState(false);
  useEffect(() => {
    let gathered: ReturnType<typeof setTimeout> | undefined;
    let again: ReturnType<typeof setTimeout> | undefined;
    let open = false;
    const refresh = () => {
      gathered = undefined;
      void client.invalidateQueries({ queryKey: ['message', id], exact: true });
    };
    const onChange = () => {
      gathered ??= setTimeout(refresh, GATHER_MS);
    };
    const leaving = new AbortController();
    const follow = async () => {
      const path = `/v1/messages/${encodeURIComponent(id)}/events`;
      const events = api.events(path, { signal: leaving.signal, onOpen });
      for await (const { event } of events) if (event === 'change') onChange();
    };
    const onOpen = () => {
      open = true;
      setUp(true);
      // What changed between the first reading and the stream's start would else be missed.
      onChange();
    };
    const onEnd = () => {
      if (leaving.signal.aborted) return;
      open = false;
      setUp(false);
      again = setTimeout(keep, AGAIN_MS);
    };
    const keep = () => void follow().then(onEnd, onEnd);
    keep();
    const fallback = setInterval(() => {
      if (!open) refresh();
    }, FALLBACK_MS);
    return () => {
      leaving.abort();
      clearTimeout(again);
      clearInterval(fallback);
      clearTimeout(gathered);
    };
  }, [client, id]);
  return up;
}
