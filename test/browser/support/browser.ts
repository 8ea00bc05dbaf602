import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';

const PLACES = [process.env.SEALPOST_TEST_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'];

/** Nothing in a page may take longer; a test that waits in vain fails soon and says for what. */
const PATIENCE_MS = 15_000;

export async function openBrowser(): Promise<Browser> {
  const executablePath = PLACES.find((place) => place !== undefined && existsSync(place));
  if (executablePath === undefined) throw new Error('Chromium is needed: set SEALPOST_TEST_CHROMIUM');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Whatever a page should ask for elsewhere cannot leave this machine.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
    ],
  });
}

/** What went wrong in the pages of a context, in words. */
export interface Watch {
  /** Complaints since the last call. */
  take(): string[];
  /** Answers that the coming step is meant to provoke: the browser writes each of them to the console by itself. */
  expectStatus(...statuses: number[]): void;
}

export interface Watched {
  readonly context: BrowserContext;
  readonly watch: Watch;
}

/** A fresh browser context whose pages may speak to `origins` and nobody else. */
export async function openContext(
  browser: Browser,
  origins: readonly string[],
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    reducedMotion: 'reduce',
    locale: 'en-US',
    ...options,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  return { context, watch: await watchContext(context, origins) };
}

async function watchContext(context: BrowserContext, origins: readonly string[]): Promise<Watch> {
  const complaints: string[] = [];
  let expected: readonly number[] = [];
  // Runs before the page's own scripts, and tells also of violations that a page would swallow.
  await context.addInitScript(`addEventListener('securitypolicyviolation', (event) => {
    console.error('CSP violation: ' + event.violatedDirective + ' ' + event.blockedURI);
  })`);
  context.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    const text = message.text();
    const status = /the server responded with a status of (\d+)/.exec(text)?.[1];
    // Who am I? "Nobody" is a good answer before sign-in.
    const probe = status === '401' && message.location().url.endsWith('/v1/session');
    if (probe || (status !== undefined && expected.includes(Number(status)))) return;
    complaints.push(`${message.type()}: ${text} (${message.location().url})`);
  });
  context.on('weberror', (error) => complaints.push(`uncaught: ${error.error().message}`));
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol === 'data:' || url.protocol === 'blob:' || url.protocol === 'about:') return;
    if (!origins.includes(url.origin)) complaints.push(elsewhere(url));
  });
  // What the page's own policy stopped has not left the browser; that the page tried is complained of already.
  context.on('requestfailed', (request) => {
    if (request.failure()?.errorText !== 'csp') return;
    const at = complaints.indexOf(elsewhere(new URL(request.url())));
    if (at !== -1) complaints.splice(at, 1);
  });
  return {
    take: () => complaints.splice(0),
    expectStatus: (...statuses) => {
      expected = statuses;
    },
  };
}

function elsewhere(url: URL): string {
  return `request to another origin: ${url.origin}`;
}
