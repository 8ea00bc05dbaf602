import { describe, expect, it } from 'vitest';
import { readEvents } from './events.ts';
import { iterate } from './index.ts';

function streamOf(chunks: readonly string[]): ReadableStream<Uint8Array> {
  const octets = chunks.map((chunk) => new TextEncoder().encode(chunk));
  return new ReadableStream({
    pull(controller) {
      const next = octets.shift();
      if (next === undefined) controller.close();
      else controller.enqueue(next);
    },
  });
}

describe('readEvents', () => {
  it('reads events that are cut anywhere, and skips comments and retry', async () => {
    const text = 'retry: 2000\n\n: \n\nid: 7\nevent: change\ndata: {"a":"é"}\n\ndata: [1,\ndata: 2]\n\n';
    for (const size of [1, 5, text.length]) {
      const chunks = text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
      const events = [];
      for await (const event of readEvents(streamOf(chunks))) events.push(event);
      expect(events).toEqual([
        { id: '7', event: 'change', data: { a: 'é' } },
        { id: null, event: 'message', data: [1, 2] },
      ]);
    }
  });
});

describe('iterate', () => {
  it('goes on from cursor to cursor until there is none', async () => {
    const asked: (string | undefined)[] = [];
    const load = (cursor: string | undefined) => {
      asked.push(cursor);
      return Promise.resolve(
        cursor === undefined ? { items: [1, 2], next: 'c' } : { items: [3], next: null },
      );
    };
    const items = [];
    for await (const item of iterate(load)) items.push(item);
    expect([items, asked]).toEqual([
      [1, 2, 3],
      [undefined, 'c'],
    ]);
  });
});
