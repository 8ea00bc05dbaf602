import type { Transaction } from '#platform/database';

export interface InstallationRow {
  readonly id: string;
  readonly mode: 'sandbox' | 'live';
  readonly console_url: string | null;
  readonly portal_url: string | null;
  readonly set_up_at: Date | null;
}

const COLUMNS = 'id, mode, console_url, portal_url, set_up_at';

/** Makes the one row unless it is there, and returns it. */
export async function ensureInstallationRow(tx: Transaction, id: string): Promise<InstallationRow> {
  await tx.execute({
    text: 'insert into sealpost.installation (id) values ($1) on conflict do nothing',
    values: [id],
  });
  return tx.one<InstallationRow>({ text: `select ${COLUMNS} from sealpost.installation` });
}

export async function readInstallationRow(tx: Transaction): Promise<InstallationRow | undefined> {
  return tx.maybe<InstallationRow>({
    name: 'installation.read',
    text: `select ${COLUMNS} from sealpost.installation`,
  });
}

export async function storeSetupToken(tx: Transaction, hash: Buffer, expiresAt: Date): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.installation set setup_token_hash = $1, setup_token_expires_at = $2
           where set_up_at is null`,
    values: [hash, expiresAt],
  });
  return touched === 1;
}

export async function readSetupToken(
  tx: Transaction,
): Promise<{ readonly hash: Buffer; readonly expiresAt: Date } | undefined> {
  const row = await tx.maybe<{ setup_token_hash: Buffer; setup_token_expires_at: Date }>({
    text: `select setup_token_hash, setup_token_expires_at from sealpost.installation
           where set_up_at is null and setup_token_hash is not null and setup_token_expires_at is not null`,
  });
  return row === undefined
    ? undefined
    : { hash: row.setup_token_hash, expiresAt: row.setup_token_expires_at };
}

/** Ends set-up for good; false when somebody was faster. */
export async function finishSetupRow(
  tx: Transaction,
  at: Date,
  urls: { readonly consoleUrl: string | null; readonly portalUrl: string | null },
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.installation set set_up_at = $1, setup_token_hash = null, setup_token_expires_at = null,
             console_url = coalesce($2, console_url), portal_url = coalesce($3, portal_url)
           where set_up_at is null`,
    values: [at, urls.consoleUrl, urls.portalUrl],
  });
  return touched === 1;
}

export async function updateInstallationRow(
  tx: Transaction,
  change: {
    readonly mode: 'sandbox' | 'live' | null;
    readonly consoleUrl: string | null;
    readonly portalUrl: string | null;
  },
): Promise<InstallationRow> {
  return tx.one<InstallationRow>({
    text: `update sealpost.installation set mode = coalesce($1, mode), console_url = coalesce($2, console_url),
             portal_url = coalesce($3, portal_url) returning ${COLUMNS}`,
    values: [change.mode, change.consoleUrl, change.portalUrl],
  });
}
