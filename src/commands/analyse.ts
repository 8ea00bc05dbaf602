import { createReadStream } from 'node:fs';
import type { OrganisationId } from '#core/ids';
import { DEFAULT_POLICY } from '#core/policy';
import { decide } from '#journey/3-decide';
import { createPolicyStore } from '#journey/5-deliver';
import { analyseHeaders, RECEIVED_LIMITS } from '#platform/mail';
import { createMtaSts } from '#platform/net';
import { checkDomain } from '#products/analyser';
import { pathChecks } from '../system/path-checks.ts';
import { openPolicies } from '../system/policy-doors.ts';
import { OFFERED, openWaivers } from '../system/road.ts';
import { openWorld } from '../system/world.ts';
import { analysisLines, reportLines } from './analyse-words.ts';
import { cliEntry, organisationOf, withFoundation } from './maintain.ts';
import { WrongWords } from './wrong-words.ts';

const say = (lines: readonly string[]) => process.stdout.write(`${lines.join('\n')}\n`);
/** A character takes up to four octets of UTF-8. */
const MOST_OCTETS = RECEIVED_LIMITS.characters * 4;

/** How a message travelled (TA-1): reads a file or standard input, needs no installation, keeps nothing. */
export async function analyseHeadersCommand(args: readonly string[]): Promise<number> {
  const [file] = args.filter((word) => !word.startsWith('--'));
  if (file === undefined) throw new WrongWords('analyse headers needs a file, or - for standard input.');
  const analysis = analyseHeaders(await readStart(file));
  say(args.includes('--json') ? [JSON.stringify(analysis, null, 2)] : analysisLines(analysis));
  return analysis.hops.length === 0 ? 1 : 0;
}

/** The beginning of the file: a header stands first, and a message may be large. */
async function readStart(file: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of file === '-' ? process.stdin : createReadStream(file)) {
      const octets = Buffer.from(chunk);
      chunks.push(octets);
      size += octets.length;
      if (size >= MOST_OCTETS) break;
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new WrongWords(`the file cannot be read (${code}).`);
  }
  return Buffer.concat(chunks).toString('utf8', 0, MOST_OCTETS);
}

/** What a recipient domain's servers can do (TA-2), in the world of the installation: its mode, DNS and relay. */
export async function analyseDomainCommand(args: readonly string[]): Promise<number> {
  const [name] = args;
  if (name === undefined || name.startsWith('--'))
    throw new WrongWords('analyse domain needs a domain name.');
  return withFoundation(async (foundation) => {
    const { access, audit, database, config } = foundation;
    const { mode } = await access.installation.ensure();
    const organisation = organisationOf(args) ?? (await onlyOne(access.organisations.ids()));
    const policy =
      organisation === null
        ? DEFAULT_POLICY
        : await openPolicies(foundation, openWaivers(foundation)).current(organisation);
    const world = await openWorld(config, mode);
    try {
      if (!world.network().mayRoute(name.toLowerCase()) && mode === 'sandbox') {
        throw new WrongWords('in sandbox mode only sandbox domains are reached.');
      }
      if (organisation !== null) {
        const entry = cliEntry(organisation, 'analyser.domain-checked', {});
        await database.tenant([organisation], 'app', (tx) => audit.append(tx, entry));
      }
      const report = await checkDomain(name, policy, {
        network: world.network,
        hostName: new URL(config.publicUrls.console ?? 'http://localhost').hostname,
        decide,
        offered: () => OFFERED,
        pathChecks: pathChecks(
          world.network,
          createMtaSts({ store: createPolicyStore(database), clock: foundation.clock }),
        ),
        smartHost: () => (mode === 'live' ? (config.smartHost?.host ?? null) : null),
      });
      say(args.includes('--json') ? [JSON.stringify(report, null, 2)] : reportLines(report));
      if (organisation === null)
        say(['The policy is that of a new organisation: name yours with --organisation.']);
      return 0;
    } finally {
      await world.close();
    }
  });
}

async function onlyOne(ids: Promise<readonly OrganisationId[]>): Promise<OrganisationId | null> {
  const [first, ...others] = await ids;
  return first === undefined || others.length > 0 ? null : first;
}
