// npm run bench -- protect [--seconds N]: how many messages of 50 KB a core protects in a second by OpenPGP and by S/MIME,
// beside gpg and openssl started for each of the same messages in the same run; and how that grows with threads. The last
// line is one JSON object.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { measurePgp } from './support/protect-pgp.ts';
import { measureSmime } from './support/protect-smime.ts';
import { measureThreads } from './support/protect-threads.ts';

const say = (line: string) => void process.stdout.write(`${line}\n`);
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '5' } } });
const seconds = Number(values.seconds);
if (!(seconds >= 1 && seconds <= 120)) throw new RangeError('--seconds must be from 1 to 120');

say('OpenPGP: signed and encrypted, 50 KB, Curve25519, in process and by gpg --batch, in turns');
const pgp = await measurePgp(say);
const smime = await measureSmime(seconds);
const beside =
  smime.opensslPerSecond === null ? 'openssl 3 is not here' : `openssl ${smime.opensslPerSecond}`;
say(`S/MIME: ${availableParallelism()} cores; ${smime.size} octets, signed and encrypted, per CPU second:`);
say(`  Sealpost ${smime.perSecond}, ${beside}`);
say('By the clock, all the way through a protector, in threads:');
const threads = await measureThreads(seconds, [1, availableParallelism()]);
for (const { threads: count, pgpPerSecond, smimePerSecond } of threads)
  say(`  ${count}: OpenPGP ${pgpPerSecond}, S/MIME ${smimePerSecond} a second`);
say(JSON.stringify({ pgp, smime, threads }));
