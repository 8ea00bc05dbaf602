import type { Address } from '#core/address';
import type { OrganisationId } from '#core/ids';
import type { Audit } from '#platform/audit';
import type { Database, Transaction } from '#platform/database';
import type { Clock, Logger } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import type { TextGateway } from './gateway.ts';

export interface TextNeeds {
  readonly database: Database;
  readonly vault: Vault;
  readonly audit: Pick<Audit, 'append'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The number on record for a recipient, in E.164; null where there is none. */
  number(tx: Transaction, organisation: OrganisationId, to: Address): Promise<string | null>;
  /** Where this organisation's texts are handed over now; null where nobody has set one up. */
  gateway(organisation: OrganisationId): Promise<TextGateway | null>;
  /** The public link behind a portal link's token. */
  link(token: string): string;
}

/** Since the start of this process. `deferred` counts tries that come again. */
export interface TextStats {
  readonly sent: number;
  readonly failed: number;
  readonly expired: number;
  readonly deferred: number;
  readonly withheld: number;
}
