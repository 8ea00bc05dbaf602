// Isolation: every route of the API and every page of the portal, with every id of another organisation, by that
// organisation's API key, console session and portal session, in both directions; without credentials, and with a key
// that lacks the permission. Last line: {"routes","attempts","leaks"}.
import { join } from 'node:path';
import { isolationConfig } from './support/isolation-config.ts';
import { proveIsolation } from './support/isolation-run.ts';
import { openScratch } from './support/scratch.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);
const scratch = openScratch('prove-isolation');
const home = join(scratch.root, 'home');
try {
  say('Two organisations in one temporary installation; each tries everything of the other …');
  const { routes, attempts, leaks, control, statuses, real, unreal } = await proveIsolation(
    isolationConfig(home),
  );
  say(`Answers by status: ${JSON.stringify(statuses)}`);
  for (const leak of leaks) say(`LEAK ${leak}`);
  say(`Routes with an id, tried with a real one of the other organisation's: ${real.length}`);
  for (const route of unreal) say(`Tried with ids of other kinds alone: ${route}`);
  say(JSON.stringify({ routes, attempts, leaks: leaks.length, control }));
  process.exitCode = leaks.length === 0 && attempts > routes && control > 0 ? 0 : 1;
} finally {
  scratch.end();
}
