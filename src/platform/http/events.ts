import type { ServerEvent } from './response.ts';

const HEARTBEAT_MS = 15_000;

/**
 * Writes server-sent events (HTML Standard §9.2). A comment every 15 s keeps proxies from closing the stream and finds
 * clients that have gone; the end of `signal` (client gone, server draining) ends the iteration and `source`.
 */
export async function* writeEvents(
  source: AsyncIterable<ServerEvent>,
  signal: AbortSignal,
  heartbeatMs = HEARTBEAT_MS,
): AsyncGenerator<string> {
  const events = source[Symbol.asyncIterator]();
  const stopped = new Promise<'stop'>((resolve) => {
    if (signal.aborted) resolve('stop');
    signal.addEventListener('abort', () => resolve('stop'), { once: true });
  });
  // Tells the browser to wait a little before it connects again, and gives proxies a first byte.
  yield 'retry: 2000\n\n';
  let next = events.next();
  try {
    for (;;) {
      let timer: NodeJS.Timeout | undefined;
      const beat = new Promise<'beat'>((resolve) => {
        timer = setTimeout(resolve, heartbeatMs, 'beat');
      });
      const first = await Promise.race([next, stopped, beat]).finally(() => clearTimeout(timer));
      if (first === 'stop') return;
      if (first === 'beat') {
        yield ': \n\n';
        continue;
      }
      if (first.done === true) return;
      yield eventText(first.value);
      next = events.next();
    }
  } finally {
    // A pending read may only end once the source hears of the abort: it is not waited for.
    next.catch(() => undefined);
    void events.return?.().catch(() => undefined);
  }
}

/** One event as text. Line breaks cannot occur: JSON escapes them, and ids and names are ours. */
export function eventText(event: ServerEvent): string {
  const clean = (value: string): string => value.replace(/[\r\n\0]/g, '');
  const id = event.id === undefined ? '' : `id: ${clean(event.id)}\n`;
  const name = event.event === undefined ? '' : `event: ${clean(event.event)}\n`;
  return `${id}${name}data: ${JSON.stringify(event.data)}\n\n`;
}
