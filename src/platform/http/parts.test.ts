import { describe, expect, it } from 'vitest';
import { cookieName } from './cookies.ts';
import { csrfMatches, csrfToken, sameOrigin } from './csrf.ts';
import { writeEvents } from './events.ts';
import { cursorId, decodeCursor, encodeCursor, pageById, pageFrom } from './page.ts';
import { createRateLimiter } from './rate-limit.ts';
import type { ServerEvent } from './response.ts';

describe('CSRF', () => {
  it('binds the token to the session and says nothing of it', () => {
    const token = csrfToken('session-secret');
    expect(token).not.toContain('session-secret');
    expect(csrfMatches('session-secret', token)).toBe(true);
    expect(csrfMatches('other-secret', token)).toBe(false);
    expect(csrfMatches('session-secret', undefined)).toBe(false);
    expect(csrfMatches('session-secret', '')).toBe(false);
  });

  it('takes unsafe requests of our own pages, and of programs', () => {
    const own = ['https://console.example'];
    const check = (origin?: string, secFetchSite?: string, formToken = false) =>
      sameOrigin({ origin, secFetchSite, formToken }, own);
    expect(check('https://console.example', 'same-origin')).toBe(true);
    expect(check()).toBe(true);
    expect(check('https://console.example.evil.example')).toBe(false);
    expect(check(undefined, 'cross-site')).toBe(false);
    expect(check(undefined, 'same-site')).toBe(false);
    // Forms of pages with Referrer-Policy: no-referrer come with `Origin: null`.
    expect(check('null', 'same-origin')).toBe(true);
    expect(check('null', 'cross-site', true)).toBe(false);
    expect([check('null'), check('null', undefined, true)]).toEqual([false, true]);
  });
});

describe('small parts', () => {
  it('name cookies with their prefix wherever they are Secure', () => {
    expect([cookieName('sealpost', true), cookieName('sealpost', false)]).toEqual([
      '__Host-sealpost',
      'sealpost',
    ]);
  });

  it('read their own cursors and nothing else', () => {
    const id = '018f0000-0000-7000-8000-000000000000';
    expect(decodeCursor(encodeCursor(id))).toEqual([id]);
    expect(decodeCursor(encodeCursor(id, '42'), 2)).toEqual([id, '42']);
    expect(decodeCursor(undefined)).toBeUndefined();
    for (const bad of ['', 'x', encodeCursor("' or 1=1"), encodeCursor(id, id)]) {
      expect(() => decodeCursor(bad)).toThrow('invalid');
    }
  });

  it('cut a page where there is more', () => {
    const cut = (rows: number[]) =>
      pageFrom(
        rows,
        2,
        (row) => [String(row)],
        (row) => row * 10,
      );
    expect(cut([1, 2])).toEqual({ items: [10, 20], next: null });
    expect(cut([1, 2, 3])).toEqual({ items: [10, 20], next: encodeCursor('2') });
  });

  it('page a list by its ids, and take nothing but an id to go on from', async () => {
    const ids = [1, 2, 3].map((last) => `018f0000-0000-7000-8000-00000000000${last}`);
    const viewed: string[] = [];
    const page = (cursor?: string) =>
      pageById(
        { cursor, limit: 2 },
        async (position, limit) => ids.filter((id) => position === null || id > position).slice(0, limit),
        (id) => {
          viewed.push(id);
          return { id };
        },
      );
    const first = await page();
    expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(viewed).toEqual(ids.slice(0, 2)); // the third row only says that there is more
    expect(await page(first.next ?? '')).toEqual({ items: [{ id: ids[2] }], next: null });
    expect(cursorId(undefined)).toBeNull();
    // A number is a sound cursor of other lists; here it would reach the database as an id.
    expect(() => cursorId(encodeCursor('42'))).toThrow('invalid');
    await expect(page(encodeCursor('42'))).rejects.toThrow('invalid');
  });

  it('refill a bucket with time', () => {
    let now = 0;
    const clock = { now: () => new Date(now), monotonic: () => now };
    const limiter = createRateLimiter({ burst: 2, perSecond: 1 }, clock);
    expect([limiter.take('a'), limiter.take('a'), limiter.take('a')]).toEqual([0, 0, 1]);
    now = 500;
    expect(limiter.take('a')).toBeCloseTo(0.5);
    now = 1000;
    expect(limiter.take('a')).toBe(0);
  });
});

describe('writeEvents', () => {
  it('keeps a silent stream alive, and ends it and its source when aborted', async () => {
    const stop = new AbortController();
    let ended = false;
    async function* silent(): AsyncGenerator<ServerEvent> {
      try {
        yield { data: 1 };
        await new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true }));
      } finally {
        ended = true;
      }
    }
    const seen: string[] = [];
    for await (const text of writeEvents(silent(), stop.signal, 10)) {
      seen.push(text);
      if (seen.length === 4) stop.abort();
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(seen).toEqual(['retry: 2000\n\n', 'data: 1\n\n', ': \n\n', ': \n\n']);
    expect(ended).toBe(true);
  });

  it('passes on a fault of its source', async () => {
    async function* broken(): AsyncGenerator<ServerEvent> {
      yield { id: 'a\nb', data: 'x' };
      throw new Error('broken');
    }
    const seen: string[] = [];
    const read = async () => {
      for await (const text of writeEvents(broken(), new AbortController().signal)) seen.push(text);
    };
    await expect(read()).rejects.toThrow('broken');
    expect(seen.at(-1)).toBe('id: ab\ndata: "x"\n\n');
  });
});
