import { chmodSync, readdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { createBench, databaseProcesses } from '../support/instance.ts';

const bench = createBench();
afterAll(() => bench.close());

describe('the command line', () => {
  const home = bench.home();

  it('explains itself without touching anything', async () => {
    const help = await bench.run(home, ['help']);
    expect(help.code).toBe(0);
    for (const word of [
      'sealpost start',
      'database move',
      'audit verify',
      'keys rotate',
      'inspect message',
      'SEALPOST_HOME',
    ])
      expect(help.stdout).toContain(word);
    expect((await bench.run(home, ['version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(readdirSync(home)).toEqual([]);
  });

  it('refuses what it does not know, with the way to say it', async () => {
    const unknown = await bench.run(home, ['keys', 'burn']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toMatch(/^sealpost: there is no command "keys burn"\./);
    for (const [words, text] of [
      [['database', 'move'], 'needs --to'],
      [['keys', 'restore'], 'needs <kit file> and --code'],
      [['inspect', 'message', 'x'], 'needs <ID>, --organisation and --reason'],
    ] as const) {
      const ended = await bench.run(home, words);
      expect([ended.code, ended.stdout]).toEqual([1, '']);
      expect(ended.stderr).toContain(text);
    }
    expect(readdirSync(home)).toEqual([]);
  });

  it('brings an empty home up to date, once', async () => {
    const first = await bench.run(home, ['migrate']);
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toMatch(/^Applied: 0001-/);
    expect((await bench.run(home, ['migrate'])).stdout).toBe('The schema is up to date.\n');
    expect(databaseProcesses(home)).toEqual([]);
  });

  it('shows the main job on a temporary installation, and leaves nothing behind', async () => {
    // A temporary directory of its own: others on the machine may show the main job at the same time.
    const temporary = bench.home();
    chmodSync(temporary, 0o711); // as /tmp lets everybody pass, the server's account among them
    const demo = await bench.run(home, ['demo'], { TMPDIR: temporary });
    expect(demo.code, demo.stdout + demo.stderr).toBe(0);
    const last: unknown = JSON.parse(demo.stdout.trim().split('\n').at(-1) ?? '');
    expect(last).toEqual({
      recipients: [
        { to: 'anna@good-tls.test', method: 'tls', outcome: 'delivered' },
        { to: 'ben@no-tls.test', method: 'portal', outcome: 'portal-waiting' },
        { to: 'carla@wrong-cert.test', method: 'portal', outcome: 'portal-waiting' },
        { to: 'dan@slow.test', method: 'tls', outcome: 'delivered' },
        { to: 'nobody@good-tls.test', method: 'tls', outcome: 'bounced' },
        { to: 'paula@pgp.test', method: 'pgp', outcome: 'delivered' },
      ],
    });
    expect(readdirSync(temporary)).toEqual([]);
    expect(demo.stderr).toBe('');
  });
});
