// Nothing on disk: unique words are driven through every feature that can hold PHI, and then looked for, in every common
// encoding, in every file that the system has written: database files, write-ahead log, blobs, logs, witness, keys,
// temporary files. Once after an orderly stop, once after SIGKILL in the middle of work. The control leaves the sealing
// of one field out and must find it. Last line: {"files","bytes","canaries","found","control"}.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { control, type Report, wholePass } from './support/canary-passes.ts';
import { openScratch } from './support/scratch.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);

function tell(title: string, report: Report): void {
  say(
    `${title}: ${report.files} files, ${report.bytes} octets and ${report.rows} rows searched for ${report.canaries} canaries and ${report.secrets} secrets: ${report.found.length} found.`,
  );
  for (const { feature, encoding, place } of report.found)
    say(`  FOUND ${feature} as ${encoding} in ${place}`);
  for (const surprise of report.surprises) say(`  NOT AS EXPECTED ${surprise}`);
}

const scratch = openScratch('prove-canary');
const { root } = scratch;
chmodSync(root, 0o755);
try {
  say('1. Everything that can hold PHI is driven through a temporary installation, which is then stopped.');
  const stopped = await wholePass(join(root, 'a'), 'stop');
  tell('   After the stop', stopped);
  say('2. The same again, ended with SIGKILL in the middle of work, with its database server.');
  const killed = await wholePass(join(root, 'b'), 'kill');
  tell('   After the kill', killed);
  say('3. The control: the same search where the sealing of one field is left out.');
  const clear = await control(join(root, 'c'), 'message.subject');
  tell('   With message.subject left clear', clear);
  const [both, found] = [[stopped, killed], stopped.found.length + killed.found.length];
  const sum = (of: (report: Report) => number): number => both.reduce((total, one) => total + of(one), 0);
  const surprises = sum((report) => report.surprises.length) + clear.surprises.length;
  // What is kept clear on purpose (names of organisations, labels of keys) shows that each search could find.
  const blind = both.some((report) => report.openFound === 0);
  if (blind) say('The search found nothing even of what is kept clear: it proves nothing.');
  say(
    JSON.stringify({
      files: sum((report) => report.files),
      bytes: sum((report) => report.bytes),
      canaries: sum((report) => report.canaries),
      secrets: sum((report) => report.secrets),
      found,
      control: clear.found.length,
      surprises,
    }),
  );
  process.exitCode = found === 0 && clear.found.length > 0 && surprises === 0 && !blind ? 0 : 1;
} finally {
  scratch.end();
}
