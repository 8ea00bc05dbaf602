import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, type Overrides, silentLogger } from '#platform/runtime';
import { setUpFirst } from '../../prove/support/tenant-doors.ts';
import { WebClient } from '../../prove/support/web-client.ts';
import { type RunningSystem, runSystem } from '../../src/system/run-system.ts';

/** A whole installation on real sockets, set up, with its administrator signed in and a key that may do all. */
export interface Installation {
  readonly system: RunningSystem;
  readonly apiUrl: string;
  readonly portalUrl: string;
  readonly submission: number;
  readonly submissions: number;
  readonly console: WebClient;
  readonly csrf: string;
  readonly apiKey: string;
  readonly api: WebClient;
  close(): Promise<void>;
}

export const WORD = 'mirabelle';

export async function startInstallation(settings: Overrides = {}): Promise<Installation> {
  const home = mkdtempSync(join(tmpdir(), 'sealpost-security-'));
  const ports = ['HTTP', 'PORTAL', 'SUBMISSION', 'SUBMISSIONS'].map((name) => [`SEALPOST_${name}_PORT`, '0']);
  const config = loadConfig({}, { SEALPOST_HOME: home, ...Object.fromEntries(ports), ...settings });
  const system = await runSystem(config, silentLogger, { reach: () => undefined, volatile: true });
  const close = async (): Promise<void> => {
    await system.stop(500);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    const { http, portal, submission, submissions } = system.servers.ports;
    const apiUrl = `http://127.0.0.1:${http}`;
    const { browser, session } = await setUpFirst(system, apiUrl, WORD);
    const made = await browser.ask('POST', '/v1/api-keys', {
      headers: { 'x-sealpost-csrf': session.csrf },
      body: {
        label: 'all',
        permissions: [
          'messages:send',
          'messages:read',
          'messages:read-content',
          'audit:read',
          'organisation:read',
          'sandbox:read',
        ],
      },
    });
    const { secret: apiKey } = made.json<{ secret: string }>();
    return {
      system,
      apiUrl,
      portalUrl: `http://127.0.0.1:${portal}`,
      submission: submission ?? 0,
      submissions: submissions ?? 0,
      console: browser,
      csrf: session.csrf,
      apiKey,
      api: new WebClient(apiUrl, { authorization: `Bearer ${apiKey}` }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Sends octets as they are and resolves with all that comes back until the end, or until the time is over. */
export function rawExchange(url: string, octets: string, forMs = 2_000): Promise<string> {
  const { port } = new URL(url);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host: '127.0.0.1', port: Number(port) }, () => socket.write(octets));
    const timer = setTimeout(() => socket.destroy(), forMs);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}

/** Messages that the organisation holds. */
export async function countMessages({ api }: Installation): Promise<number> {
  const answer = await api.ask('GET', '/v1/messages?limit=200');
  return answer.json<{ items: unknown[] }>().items.length;
}
