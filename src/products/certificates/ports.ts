import type { Database } from '#platform/database';
import type {
  CertificateRecords,
  Certificates,
  DirectoryAnswer,
  DirectoryRecords,
  DirectorySettings,
  FoundCertificate,
} from '#platform/keyring';
import type { RecordPorts } from '#platform/record';
import type { Clock } from '#platform/runtime';

/** A signed message as the protect stage reads it: what was signed, and who signed it. */
export interface SignedMail {
  readonly message: Buffer;
  readonly signer: FoundCertificate;
}

export interface CertificatePorts {
  readonly database: Database;
  readonly audit: RecordPorts['audit'];
  readonly clock: Clock;
  readonly certificates: Certificates;
  readonly records: CertificateRecords;
  readonly directories: DirectoryRecords;
  /** Asks a directory at once, whatever is remembered of it. Never throws for what it does. */
  askDirectory(settings: DirectorySettings, address: string): Promise<DirectoryAnswer>;
  /** Null where the message is not signed, or its signature does not fit. */
  readSigned(message: Buffer): SignedMail | null;
}
