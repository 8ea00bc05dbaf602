import { describe, expect, it } from 'vitest';
import { createLogger, describeFault, type LogFields } from './logger.ts';

function capture(level: 'debug' | 'info' = 'debug') {
  const lines: string[] = [];
  const logger = createLogger({ level, write: (line) => lines.push(line), now: () => new Date(0) });
  return { logger, lines };
}

describe('logger', () => {
  it('writes one JSON line with time, level, code and fields', () => {
    const { logger, lines } = capture();
    logger.info('delivery.done', { organisation: 'o1', durationMs: 1.23456, status: 250 });
    expect(lines).toEqual([
      '{"time":"1970-01-01T00:00:00.000Z","level":"info","code":"delivery.done","organisation":"o1","durationMs":1.235,"status":250}\n',
    ]);
  });

  it('drops fields and values that are not on the list', () => {
    const { logger, lines } = capture();
    const smuggled = { subject: 'canary', message: { text: 'canary' }, reason: ['canary'] };
    logger.info('x', smuggled as unknown as LogFields);
    // @ts-expect-error a field that is not listed does not compile
    logger.with({ toString: 'canary' }).warn('y', { body: 'canary' });
    expect(lines).toHaveLength(2);
    expect(lines.join('')).not.toContain('canary');
  });

  it('withholds mail addresses, bounds strings and refuses prose as a code', () => {
    const { logger, lines } = capture();
    logger.info('Dear Mr Canary, your result', { recipient: 'canary@example.org', reason: 'r'.repeat(500) });
    expect(lines[0]).not.toMatch(/canary/i);
    expect(lines[0]).toContain('log.bad-code');
    expect(lines[0]?.length).toBeLessThan(400);
  });

  it('keeps bound fields and the level', () => {
    const { logger, lines } = capture('info');
    logger.with({ role: 'worker' }).debug('quiet');
    logger.with({ role: 'worker' }).with({ job: 'j' }).error('loud');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', role: 'worker', job: 'j' });
  });

  it('cannot be broken out of a line', () => {
    const { logger, lines } = capture();
    logger.info('x', { reason: 'a\n{"level":"info"}' });
    expect(lines[0]?.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('describeFault', () => {
  it('names class, code and place, never the text', () => {
    const fault = Object.assign(new TypeError('canary@example.org has a disease'), { code: 'E_X' });
    const described = describeFault(fault);
    expect(described.error).toBe('TypeError E_X');
    expect(described.at).toMatch(/^src\/platform\/runtime\/logger\.test\.ts:\d+$/);
    expect(JSON.stringify(described)).not.toContain('canary');
  });

  it('does not take prose for a code, and names the cause', () => {
    const fault = Object.assign(new Error('x', { cause: new RangeError('canary') }), {
      code: 'canary is ill',
    });
    expect(describeFault(fault)).toMatchObject({ error: 'Error', cause: 'RangeError' });
    expect(describeFault('canary')).toEqual({ error: 'string' });
  });
});
