// Sealing messages beside the programs that people use for it, on the same files in the same run. One JSON line last.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { measureSmime } from './support/protect-smime.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '5' } } });
const smime = await measureSmime(Number(values.seconds));
const beside =
  smime.opensslPerSecond === null ? 'openssl 3 is not here' : `openssl ${smime.opensslPerSecond}`;
console.log(`${availableParallelism()} cores; ${smime.size} octets, signed and encrypted, per CPU second:`);
console.log(`S/MIME: Sealpost ${smime.perSecond}, ${beside}`);
console.log(JSON.stringify({ pgp: null, smime }));
