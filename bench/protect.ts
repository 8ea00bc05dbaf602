// npm run bench -- protect: how many messages of 50 KB a core protects in a second by OpenPGP, beside gpg started for each of
// the same messages. The last line is one JSON object.
import { measurePgp } from './support/protect-pgp.ts';

const say = (line: string) => void process.stdout.write(`${line}\n`);

say('OpenPGP: signed and encrypted, 50 KB, Curve25519, in process and by gpg --batch, in turns');
const pgp = await measurePgp(say);
say(JSON.stringify({ pgp, smime: null }));
