import type { BrowserContext } from 'playwright-core';
import type { Prover } from '../../support/prover.ts';

/** Puts the key of the test's own API calls where the console's pages keep theirs, so that both may use one session. */
export async function shareKey(context: BrowserContext, origin: string, prover: Prover): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${origin}/favicon.svg`);
  await page.evaluate(`(${STORE})(${JSON.stringify(prover.jwk)})`);
  await page.close();
}

/** Runs in the page. */
const STORE = `async (jwk) => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const { d, ...open } = jwk;
  const privateKey = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']);
  const publicKey = await crypto.subtle.importKey('jwk', open, algorithm, true, ['verify']);
  await new Promise((resolve, reject) => {
    const opening = indexedDB.open('sealpost', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('keys');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const put = opening.result.transaction('keys', 'readwrite').objectStore('keys');
      const asked = put.put({ privateKey, publicKey }, 'proof');
      asked.onerror = () => reject(asked.error);
      asked.onsuccess = () => { opening.result.close(); resolve(); };
    };
  });
}`;
