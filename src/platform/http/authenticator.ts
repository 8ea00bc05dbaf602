import type { Actor, Permission, Scope } from '#core/actor';
import type { ClientCertificate } from '#core/client-certificate';
import type { OrganisationId } from '#core/ids';
import type { Sessions } from '#platform/access';

/** Who a credential stands for. */
export interface Principal {
  readonly organisation: OrganisationId;
  readonly actor: Actor;
  readonly permissions: ReadonlySet<Permission>;
  readonly scoped?: ReadonlyMap<Permission, readonly Scope[]>;
}

/** Where credentials are checked (platform/access). Null: unknown, expired, ended, or not from that network. */
export interface Authenticator {
  apiKey(
    secret: string,
    address: string | null,
    certificate: ClientCertificate | null,
  ): Promise<Principal | null>;
  readonly sessions: Pick<Sessions, 'authenticate' | 'use' | 'proofRefused' | 'tickets'>;
  /** Told of every permission by which a request was let in. Must cost nothing. */
  used?(caller: Pick<Principal, 'organisation' | 'actor'>, permission: Permission): void;
}

/** Base name of the console's session cookie. */
export const SESSION_COOKIE = 'sealpost';
