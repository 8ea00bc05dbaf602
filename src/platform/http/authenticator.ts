import type { Actor, Permission, Scope } from '#core/actor';
import type { ClientCertificate } from '#core/client-certificate';
import type { IdentityId, OrganisationId, SessionId } from '#core/ids';

/** Who a credential stands for. */
export interface Principal {
  readonly organisation: OrganisationId;
  readonly actor: Actor;
  readonly permissions: ReadonlySet<Permission>;
  readonly scoped?: ReadonlyMap<Permission, readonly Scope[]>;
}

export interface SessionPrincipal extends Principal {
  readonly session: {
    readonly id: SessionId;
    readonly identity: IdentityId;
    readonly factors: readonly string[];
    readonly expiresAt: Date;
  };
}

/** Where credentials are checked (platform/access). Null: unknown, expired, ended, or not from that network. */
export interface Authenticator {
  apiKey(
    secret: string,
    address: string | null,
    certificate: ClientCertificate | null,
  ): Promise<Principal | null>;
  session(token: string): Promise<SessionPrincipal | null>;
}

/** Base name of the console's session cookie. */
export const SESSION_COOKIE = 'sealpost';
