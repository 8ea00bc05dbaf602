// A command as proofs and benchmarks are, for the test of what is left of one that is killed: a scratch place, a database
// server in it, and then nothing but waiting. Says where, over the channel.
import { join } from 'node:path';
import { startEmbedded } from '#platform/database';
import { openScratch } from './scratch.ts';

const [base = '', what] = process.argv.slice(2);
const scratch = openScratch('scratch-test', base);
if (what === 'only-sweep') scratch.end();
else if (what === 'without-database') {
  process.send?.({ root: scratch.root, postmaster: null });
  setInterval(() => undefined, 60_000);
} else {
  const root = join(scratch.root, 'a', 'home');
  const home = { root, data: join(root, 'data'), run: join(root, 'run') };
  const server = await startEmbedded({ home, volatile: true });
  process.send?.({ root: scratch.root, postmaster: server.pid() });
  setInterval(() => undefined, 60_000);
}
