import type { OrganisationId } from '#core/ids';
import { openMessage, SmimeRefused } from '#journey/4-protect';
import { addressAllowed, isNetwork } from '#platform/access';
import {
  askDirectory,
  type CertificateDirectory,
  type CertificateRecords,
  type Certificates,
  createCertificateRecords,
  createCertificates,
  createDirectoryRecords,
  createLdapDirectories,
  createRevocation,
  type DirectoryAnswer,
  type DirectoryRecords,
  type DirectorySettings,
  readCertificate,
} from '#platform/keyring';
import { type Config, ConfigProblem } from '#platform/runtime';
import type { SignedMail } from '#products/certificates';
import { revocationFetch } from './client-revocation.ts';
import type { Foundation } from './foundation.ts';
import type { World } from './world.ts';

/** The keyring's certificates, and how inbound messages are read. */
export interface Smime {
  readonly certificates: Certificates;
  readonly records: CertificateRecords;
  readonly directories: DirectoryRecords;
  askDirectory(settings: DirectorySettings, address: string): Promise<DirectoryAnswer>;
  /** Null where the message is not signed, or its signature does not fit. */
  readSigned(message: Buffer): SignedMail | null;
}

export function openSmime({ database, vault, clock, config, logger }: Foundation, world: World): Smime {
  const network = directoryNetwork(config, world);
  const revocation = createRevocation({
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    fetch: revocationFetch(() => world.network()),
  });
  const ldap = createLdapDirectories({
    database,
    vault,
    clock,
    network,
    failed: (object, outcome) => logger.warn('certificate-directory.failed', { object, outcome }),
  });
  const certificates = createCertificates({
    database,
    vault,
    clock,
    revocation,
    directories: () => [...sandboxDirectory(world), ldap],
  });
  return {
    certificates,
    records: createCertificateRecords({ vault, clock }),
    directories: createDirectoryRecords({ vault, clock }),
    askDirectory: (settings, address) => askDirectory(settings, address, network()),
    readSigned,
  };
}

/**
 * Directories stand at public addresses, or in networks that the operator has named: an administrator of an organisation
 * must not reach what else listens inside. The sandbox's own exemption for loopback does not hold here.
 */
export function directoryNetwork({ directoryNetworks }: Config, world: World) {
  if (!directoryNetworks.every(isNetwork)) {
    throw new ConfigProblem('SEALPOST_DIRECTORY_NETWORKS', 'must be a list of addresses or CIDR ranges');
  }
  const named = (address: string): boolean =>
    directoryNetworks.length > 0 && addressAllowed(address, directoryNetworks);
  return () => {
    const { resolver, mayConnect, extraRoots } = world.network();
    const outside = world.sandbox() === null ? mayConnect : () => false;
    return { resolver, extraRoots, mayConnect: (address: string) => named(address) || outside(address) };
  };
}

function readSigned(message: Buffer): SignedMail | null {
  try {
    const { message: inside, signer } = openMessage(message, []);
    return signer === null ? null : { message: inside, signer };
  } catch (error) {
    if (error instanceof SmimeRefused) return null;
    throw error;
  }
}

/** The sandbox's own people and their authority: there as long as the sandbox is, and stored nowhere. */
function sandboxDirectory(world: World): readonly CertificateDirectory[] {
  const sandbox = world.sandbox();
  if (sandbox === null) return [];
  const { address, certificate, authority, capabilities } = sandbox.smime;
  return [
    {
      anchors: () => [readCertificate(authority)],
      find: async (_: OrganisationId, wanted) =>
        wanted.toLowerCase() === address
          ? {
              certificates: [{ certificate: readCertificate(certificate), others: [], capabilities }],
              complete: true,
            }
          : { certificates: [], complete: true },
    },
  ];
}
