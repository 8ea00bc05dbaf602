import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Drive, mailOf, setUp } from './canary-drive.ts';
import { inspect, makeMistakes } from './canary-errors.ts';
import { sendByJson, sendBySmtp, sendRaw, useConsole } from './canary-messages.ts';
import { oversee } from './canary-oversight.ts';
import { visitPortal } from './canary-portal.ts';
import { keepRecipients } from './canary-recipients.ts';
import { type Pattern, shapesOfSecret } from './canary-set.ts';
import { useSmime } from './canary-smime.ts';
import { searchDatabase } from './search-database.ts';
import { type Hit, searchFiles } from './search-files.ts';
import { startCanary } from './start-canary.ts';

export interface Finding {
  readonly feature: string;
  readonly encoding: string;
  readonly place: string;
}

export interface Report {
  readonly files: number;
  readonly bytes: number;
  readonly rows: number;
  readonly canaries: number;
  readonly secrets: number;
  readonly found: readonly Finding[];
  /** Places of what is kept clear on purpose. */
  readonly openFound: number;
  readonly surprises: readonly string[];
}

/** Drives everything, ends the installation so or so, and searches what it left. */
export async function wholePass(root: string, end: 'stop' | 'kill'): Promise<Report> {
  mkdirSync(root, { recursive: true });
  const system = await startCanary(root, null);
  let ended = false;
  try {
    const drive = await setUp(system);
    const { message, reader } = await sendByJson(drive);
    await sendRaw(drive);
    await sendBySmtp(drive);
    await visitPortal(drive, reader);
    await keepRecipients(drive, reader);
    await useConsole(drive, message);
    await useSmime(drive);
    await oversee(drive);
    await makeMistakes(drive);
    await inspect(drive, { home: join(root, 'home'), temp: join(root, 'tmp') }, message);
    // The bounce's report, the receipt and the reply have reached their sender.
    const { items } = (await drive.api.ask('GET', '/v1/sandbox/mailboxes')).json<{
      items: { address: string }[];
    }>();
    const sender = items.find(({ address }) => address.endsWith('@clinic.test'));
    if (sender === undefined) drive.surprises.push('nothing came back to the sender');
    else await mailOf(drive, sender.address, /not delivered|opened|./i);
    const rows = await searchRows(drive);
    if (end === 'stop') await system.stop();
    else {
      const work = keepSending(drive);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await system.kill();
      ended = true;
      await work;
    }
    ended = true;
    return report(root, drive, rows);
  } finally {
    if (!ended) await system.stop();
  }
}

/** A short run with one field left clear. */
export async function control(root: string, field: string): Promise<Report> {
  mkdirSync(root, { recursive: true });
  const system = await startCanary(root, field);
  let ended = false;
  try {
    const drive = await setUp(system);
    await sendByJson(drive);
    const rows = await searchRows(drive);
    await system.stop();
    ended = true;
    return report(root, drive, rows);
  } finally {
    if (!ended) await system.stop();
  }
}

/** Messages one after the other until the installation is gone. */
async function keepSending({ api, words }: Drive): Promise<void> {
  const word = words.word('in flight at the kill');
  const body = {
    from: `${word}@clinic.test`,
    to: [`${word}@good-tls.test`, `${word}@no-tls.test`, `${word}@tarpit.test`],
    subject: word,
    text: `${word} `.repeat(2_000),
    attachments: [
      { name: word, type: 'text/plain', content: Buffer.from(`${word}\n`.repeat(9_000)).toString('base64') },
    ],
  };
  const one = async (): Promise<void> => {
    for (;;) {
      const going = await api
        .ask('POST', '/v1/messages', { headers: { 'idempotency-key': `${word}-${performance.now()}` }, body })
        .then(
          () => true,
          () => false, // the installation has gone
        );
      if (!going) return;
    }
  };
  await Promise.all([one(), one(), one(), one()]);
}

function patternsOf({ words, secrets }: Drive): {
  readonly all: readonly Pattern[];
  readonly secret: readonly Pattern[];
} {
  const secret = [...new Set(secrets.filter((one) => one.length >= 8))].flatMap((one) =>
    shapesOfSecret(one).map((shape) => ({ ...shape, encoding: `secret, ${shape.encoding}` })),
  );
  return { all: [...words.patterns(), ...secret], secret };
}

async function searchRows(drive: Drive): Promise<{ readonly rows: number; readonly hits: readonly Hit[] }> {
  return searchDatabase(drive.system.adminUrl, patternsOf(drive).all);
}

function report(
  root: string,
  drive: Drive,
  rows: { readonly rows: number; readonly hits: readonly Hit[] },
): Report {
  const { all } = patternsOf(drive);
  const files = searchFiles([root], all);
  const found = [...rows.hits, ...files.hits].map(({ place, encoding, around }) => ({
    feature: encoding.startsWith('secret') ? 'a secret' : drive.words.featureIn(around, encoding),
    encoding,
    place: place.replace(root, ''),
  }));
  const unique = new Map(found.map((one) => [`${one.feature} ${one.encoding} ${one.place}`, one]));
  const opened = searchFiles([join(root, 'home')], drive.open.patterns()).hits;
  const elsewhere = searchFiles(
    [join(root, 'log.jsonl'), join(root, 'output.txt'), join(root, 'tmp')],
    drive.open.patterns(),
  );
  return {
    files: files.files,
    bytes: files.bytes,
    rows: rows.rows,
    canaries: drive.words.size,
    secrets: new Set(drive.secrets).size,
    found: [...unique.values()],
    openFound: opened.length,
    surprises: [
      ...drive.surprises,
      ...elsewhere.hits.map((hit) => `a name kept clear stands in ${hit.place.replace(root, '')}`),
    ],
  };
}
