// npm run prove -- cleartext [--rounds N]
// Sends messages full of canaries to peers that strip STARTTLS, answer 454, inject a reply, speak TLS 1.0, have expired,
// self-signed, foreign or wrong-name certificates, or change from one connection to the next. Then looks through every
// octet that these peers received outside of a verified TLS connection, in every common encoding; opens every portal
// copy and compares it; and reads the notices that went out on such paths, which must not even name the organisation.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { MessageId } from '#core/ids';
import { loadConfig } from '#platform/runtime';
import { CanarySet, type Pattern } from './support/canary-set.ts';
import { type CanaryMessage, canaryMessage } from './support/cleartext-message.ts';
import {
  FLAPPING,
  NEVER_VERIFIED,
  preparePeers,
  SECOND_HOST_GOOD,
  SWITCHING,
  type Turn,
} from './support/cleartext-peers.ts';
import { ORGANISATION_NAME, openProvedRoad, type ProvedRoad } from './support/cleartext-road.ts';
import { openScratch } from './support/scratch.ts';
import { searchOctets } from './support/search-files.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '8' } } });
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1 || rounds > 50)
  throw new RangeError('--rounds must be a whole number from 1 to 50');

/** Messages to each peer in one turn, and how large their attachments are: the last one is stored as a blob. */
const ATTACHMENTS = [300, 5_000, 150_000];
const SETTLE_MS = 60_000;
/** Never said on a path that is not verified. */
const IDENTIFYING = [ORGANISATION_NAME, ORGANISATION_NAME.split(' ')[1] ?? '', 'clinic.test', 'staff@'];

const sum = {
  attempts: 0,
  clearBytes: 0,
  portal: 0,
  delivered: 0,
  missing: 0,
  telling: 0,
  control: 0,
  searched: 0,
};
const canaries = new CanarySet();
const patterns: readonly Pattern[] = canaries.patterns();
const complaints: string[] = [];
let numbers = 0;

/** Octets of content in what a peer received without verified TLS. */
function search(received: Buffer, counted: number, peer: string): void {
  // What was not kept was not searched: then the proof would prove less than it says.
  if (counted > received.length) throw new Error(`${peer} received more than could be kept for the search`);
  sum.searched += received.length;
  for (const hit of searchOctets(received, peer, patterns)) {
    sum.clearBytes += canaries.tag.length;
    complaints.push(
      `${peer}: a canary in clear (${hit.encoding}): ${canaries.featureIn(hit.around, hit.encoding)}`,
    );
  }
}

function searchPeer(road: ProvedRoad, host: string, verifiedAtTimes: boolean): void {
  const { record } = road.sandbox.peer(host);
  search(record.clearBytes, record.clearCount, `${host} in clear`);
  if (!verifiedAtTimes) search(record.tlsBytes, record.tlsCount, `${host} in TLS that was not verified`);
}

/** Every mail that a bad peer holds must be a neutral notice; anything else counts with all its octets. */
function readMails(road: ProvedRoad, address: string, unverified: boolean): void {
  for (const mail of road.sandbox.mailboxes.messages(address)) {
    if (mail.tlsVersion !== null && !unverified) continue;
    const text = mail.bytes.toString('latin1');
    if (mail.envelopeFrom !== null || !/\/m\//.test(text)) {
      sum.clearBytes += mail.bytes.length;
      complaints.push(`${address}: something else than a notice arrived without verified TLS`);
    }
    const told = IDENTIFYING.find((word) => text.toLowerCase().includes(word.toLowerCase()));
    if (told !== undefined) {
      sum.telling += 1;
      complaints.push(`${address}: a notice without verified TLS says "${told}"`);
    }
  }
}

interface Sent {
  readonly id: MessageId;
  readonly message: CanaryMessage;
}

async function send(road: ProvedRoad, to: readonly string[]): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (const octets of ATTACHMENTS) {
    const message = canaryMessage(canaries, numbers, octets);
    numbers += 1;
    sent.push({ id: await road.submit(to, message.content), message });
  }
  return sent;
}

/** Each recipient's copy is in the portal, octet for octet, or went out over verified TLS. */
async function checkEnds(road: ProvedRoad, sent: readonly Sent[], mayDeliver: boolean): Promise<void> {
  for (const { id, message } of sent) {
    const copy = await road.portalCopy(id);
    const same = copy?.subarray(copy.indexOf('\r\n\r\n') + 4).equals(message.body) ?? false;
    for (const { to, state, attempts } of await road.ends(id)) {
      sum.attempts += attempts.filter(({ method }) => method === 'tls').length;
      const verified = attempts.some(
        ({ result, tlsVersion, authenticatedBy }) =>
          result === 'delivered' && authenticatedBy !== 'none' && /^TLSv1\.[23]$/.test(tlsVersion ?? ''),
      );
      if (state === 'portal-waiting' && same) sum.portal += 1;
      else if (state === 'delivered' && verified && mayDeliver) sum.delivered += 1;
      else {
        sum.missing += 1;
        complaints.push(`${to}: ${state}, ${same ? 'copy in the portal' : 'no such copy in the portal'}`);
      }
    }
  }
}

async function steadyRound(road: ProvedRoad): Promise<void> {
  const domains = [...NEVER_VERIFIED, SECOND_HOST_GOOD];
  const bad: Sent[] = [];
  for (const { domain } of NEVER_VERIFIED) bad.push(...(await send(road, [`patient@${domain}`])));
  // One message to all of them at once: opened once, protected apart.
  bad.push(
    ...(await send(
      road,
      NEVER_VERIFIED.map(({ domain }) => `together@${domain}`),
    )),
  );
  const good = await send(road, [`patient@${SECOND_HOST_GOOD.domain}`]);
  good.push(...(await send(road, [`patient@${FLAPPING.domain}`])));
  await road.settle(SETTLE_MS);
  await checkEnds(road, bad, false);
  await checkEnds(road, good, true);
  const hosts = new Set(domains.flatMap(({ hosts }) => hosts));
  for (const host of hosts) searchPeer(road, host, false);
  // Its first connection was verified; what came later came in clear or not at all.
  searchPeer(road, FLAPPING.host, true);
  for (const { domain } of NEVER_VERIFIED) {
    for (const local of ['patient', 'together']) readMails(road, `${local}@${domain}`, true);
  }
  readMails(road, `patient@${FLAPPING.domain}`, false);
  for (const host of [...hosts, FLAPPING.host]) road.sandbox.peer(host).record.forget();
  road.sandbox.mailboxes.clear();
}

/** The switching peer in one of its turns: connections are cut between them, so that each turn stands alone. */
async function turn(road: ProvedRoad, { what, good, change }: Turn): Promise<void> {
  const peer = road.sandbox.peer(SWITCHING.host);
  peer.behave(change);
  peer.dropConnections();
  peer.record.forget();
  const address = `patient@${SWITCHING.domain}`;
  const sent = await send(road, [address]);
  await road.settle(SETTLE_MS);
  const before = sum.delivered;
  await checkEnds(road, sent, good);
  if (good && sum.delivered === before) complaints.push(`${what}: nothing was delivered in a good turn`);
  searchPeer(road, SWITCHING.host, good);
  readMails(road, address, !good);
  road.sandbox.mailboxes.clear();
}

/** The same messages to a good peer: there the same search must find them, or it would find nothing anywhere. */
async function control(road: ProvedRoad): Promise<void> {
  await send(road, ['patient@two-mx.test']);
  await road.settle(SETTLE_MS);
  const { record } = road.sandbox.peer('mx.two-mx.test');
  sum.control = searchOctets(record.tlsBytes, 'control', patterns).length;
}

const scratch = openScratch('prove-cleartext');
const { root } = scratch;
try {
  const road = await openProvedRoad(loadConfig({}, { SEALPOST_HOME: join(root, 'home') }));
  try {
    const turns = await preparePeers(road.sandbox);
    for (let number = 1; number <= rounds; number += 1) {
      await steadyRound(road);
      console.log(
        `round ${number}: ${sum.attempts} attempts, ${sum.portal} copies in the portal, ${sum.clearBytes} octets of content in clear`,
      );
    }
    for (const one of turns) {
      await turn(road, one);
      console.log(
        `switching peer, ${one.what}: ${sum.delivered} by verified TLS, ${sum.portal} in the portal so far`,
      );
    }
    await control(road);
  } finally {
    await road.close();
  }
} finally {
  scratch.end();
}

for (const text of complaints.slice(0, 20)) console.log(text);
console.log(
  `searched ${sum.searched} octets; the control search in a good peer's content found ${sum.control} canaries`,
);
console.log(
  JSON.stringify({
    peers: NEVER_VERIFIED.length + 3,
    attempts: sum.attempts,
    clearBytes: sum.clearBytes,
    portal: sum.portal,
    verified: sum.delivered,
    missing: sum.missing,
    tellingNotices: sum.telling,
    control: sum.control,
  }),
);
const good =
  sum.clearBytes === 0 &&
  sum.missing === 0 &&
  sum.telling === 0 &&
  sum.control > 0 &&
  complaints.length === 0;
process.exitCode = good ? 0 : 1;
