import { dnsRecord } from '#platform/keyring';
import { safeFetch } from '#platform/net';
import type { OrganisationPorts } from '#products/organisations';
import { signInRuleOf } from '#products/portal';
import type { SystemParts } from './open-system.ts';
import { prepareOrganisation } from './prepare-organisation.ts';
import { VERSION } from './version.ts';

/** The sandbox's own domain: its DNS routes it to a staff mailbox. */
const SANDBOX_DOMAIN = 'clinic.test';

/** What the organisations' product stands on. */
export function organisationPorts(parts: SystemParts): OrganisationPorts {
  const { access, database, audit, clock, keyring, vault } = parts.foundation;
  return {
    access,
    database,
    audit,
    clock,
    version: VERSION,
    prepare: (tx, organisation, domain, actor) =>
      prepareOrganisation(
        { keyring, policies: parts.policies, ownKeys: parts.pgp.ownKeys },
        tx,
        organisation,
        domain,
        actor,
      ),
    async domainRecords(tx, organisation, domain) {
      const keys = await keyring.dkimKeys(tx, organisation, domain);
      return keys.map((key) => {
        const { name, text } = dnsRecord(key);
        return { name, type: 'TXT', value: text };
      });
    },
    async recoveryKit() {
      const kit = await vault.makeRecoveryKit();
      return kit === null ? null : { text: kit.text, code: kit.code };
    },
    async installationChanged({ mode, consoleUrl, portalUrl }) {
      if (consoleUrl !== null) parts.addresses.console = consoleUrl;
      if (portalUrl !== null) parts.addresses.portal = portalUrl;
      if (mode === 'live' && parts.world.mode() === 'sandbox') await parts.world.goLive();
    },
    fetchKeySet: (url) => fetchJson(parts, url),
    addresses: () => ({ console: parts.addresses.console, portal: parts.addresses.portal }),
    submission: () => ({
      host: new URL(parts.addresses.console).hostname,
      startTlsPort: parts.listening.submission,
      implicitTlsPort: parts.listening.submissions,
    }),
    signInRule: signInRuleOf,
    sandboxDomain: SANDBOX_DOMAIN,
  };
}

const KEY_SET_BYTES = 128 * 1024;

/** Through the door for addresses that others chose: nothing inside of our own networks is reached by it. */
async function fetchJson({ world }: SystemParts, url: string): Promise<unknown> {
  const fetched = await safeFetch(url, {
    network: world.network(),
    timeoutMs: 5_000,
    maxBytes: KEY_SET_BYTES,
    headers: { accept: 'application/json' },
  });
  if (fetched.kind === 'failed' || fetched.status !== 200) return null;
  try {
    return JSON.parse(fetched.body.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
