import { afterEach, describe, expect, it } from 'vitest';
import { createThreads, type Threads, ThreadsBusy } from './threads.ts';

const module = new URL('./threads-fixture.ts', import.meta.url);
let threads: Threads<unknown, string>;

afterEach(() => threads.close());

function start(most: number, idleMs = 10_000): void {
  threads = createThreads({ module, most, idleMs });
}

const threadOf = (answer: string) => answer.split(' ')[1];

describe('threads', () => {
  it('runs all tasks, on no more threads than it may', async () => {
    start(2);
    const answers = await Promise.all(Array.from({ length: 6 }, () => threads.run('slow')));
    expect(new Set(answers.map(threadOf)).size).toBe(2);
  });

  it('takes one thread for tasks that come one after the other, and another one after it was idle', async () => {
    start(2, 20);
    const first = await threads.run('one');
    expect(await threads.run('two')).toBe(`two ${threadOf(first)}`);
    await expect
      .poll(async () => {
        await new Promise((resolve) => setTimeout(resolve, 60));
        return threadOf(await threads.run('three'));
      })
      .not.toBe(threadOf(first));
  });

  it('names a fault without its text, and goes on', async () => {
    start(1);
    await expect(threads.run('fail')).rejects.toThrow(/^TypeError$/);
    await expect(threads.run('one')).resolves.toMatch(/^one /);
    await expect(threads.run(() => 'not to be cloned')).rejects.toThrow('DataCloneError');
    await expect(threads.run('two')).resolves.toMatch(/^two /);
  });

  it('refuses what a dying thread held, and gives the next task to a new one', async () => {
    start(1);
    const [dead, next] = await Promise.allSettled([threads.run('die'), threads.run('one')]);
    expect(dead).toMatchObject({ status: 'rejected', reason: { name: 'ThreadFault' } });
    expect(next).toMatchObject({ status: 'fulfilled' });
  });

  it('gives each task a thread of its own and ends those that take too long or too much', async () => {
    threads = createThreads({
      ...{ module, most: 1, idleMs: 0 },
      once: { milliseconds: 1500, growthOctets: 128 * 1024 * 1024, waiting: 9, each: 9 },
    });
    const all = ['one', 'for ever', 'two', 'much', 'three'];
    const ended = await Promise.allSettled(all.map((task) => threads.run(task)));
    expect(ended.map((one) => (one.status === 'fulfilled' ? 'done' : String(one.reason)))).toEqual([
      'done',
      'ThreadFault: too slow',
      'done',
      'ThreadFault: too large',
      'done',
    ]);
    const ids = ended.flatMap((one) => (one.status === 'fulfilled' ? [threadOf(one.value)] : []));
    expect(new Set(ids).size).toBe(3);
    await expect(threads.run(() => 'not to be cloned')).rejects.toThrow('DataCloneError');
    await expect(threads.run('four')).resolves.toMatch(/^four /);
  });

  it('takes on no more than may wait, of everybody and of each', async () => {
    threads = createThreads({
      ...{ module, most: 1, idleMs: 0 },
      once: { milliseconds: 5000, growthOctets: 1024 * 1024 * 1024, waiting: 2, each: 2 },
    });
    const asked = ['ana', 'ana', 'ana', 'bo', 'cy'].map((who) => threads.run('slow', who));
    const ended = await Promise.allSettled(asked);
    const busy = (one: PromiseSettledResult<string>) =>
      one.status === 'rejected' && one.reason instanceof ThreadsBusy;
    expect(ended.map((one) => (one.status === 'fulfilled' ? 'done' : busy(one) ? 'busy' : 'fault'))).toEqual([
      ...['done', 'done', 'busy', 'done', 'busy'],
    ]);
    await expect(threads.run('one', 'ana')).resolves.toMatch(/^one /);
  });

  it('lets nobody have all threads, however much they ask for', async () => {
    threads = createThreads({
      ...{ module, most: 2, idleMs: 0 },
      once: { milliseconds: 800, growthOctets: 1024 * 1024 * 1024, waiting: 9, each: 3 },
    });
    const ends: string[] = [];
    const end = (name: string) => () => void ends.push(name);
    const slow = ['1', '2'].map((name) => threads.run('for ever', 'ana').catch(end(`ana ${name}`)));
    await Promise.all([...slow, threads.run('one', 'bo').then(end('bo'))]);
    expect(ends).toEqual(['bo', 'ana 1', 'ana 2']);
  });

  it('says of what ran beside something too large that it may be tried again', async () => {
    threads = createThreads({
      ...{ module, most: 2, idleMs: 0 },
      once: { milliseconds: 5000, growthOctets: 128 * 1024 * 1024, waiting: 9, each: 9 },
    });
    const both = await Promise.allSettled([threads.run('much', 'ana'), threads.run('for ever', 'bo')]);
    expect(both[1]).toMatchObject({ status: 'rejected', reason: { name: 'ThreadsBusy' } });
    await expect(threads.run('much', 'ana')).rejects.toThrow('too large');
  });

  it('refuses what waits when it is closed', async () => {
    start(1);
    const both = Promise.allSettled([threads.run('slow'), threads.run('one')]);
    await threads.close();
    for (const one of await both) expect(one).toMatchObject({ status: 'rejected' });
    await expect(threads.run('late')).rejects.toThrow('closed');
  });
});
