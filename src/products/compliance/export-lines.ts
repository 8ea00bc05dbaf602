import { auditReferenceBinding } from '#core/audit-reference';
import type { OrganisationId } from '#core/ids';
import type { AuditPage, AuditQuery, PlacedEntry } from '#platform/audit';
import { cefLine } from './formats/cef.ts';
import { csvHead, csvLine } from './formats/csv.ts';
import { ocsfEvent } from './formats/ocsf.ts';
import type { People, ShownEntry } from './formats/shown-entry.ts';
import type { AuditRoutePorts } from './ports.ts';
import { readReference } from './reference-schema.ts';

export const EXPORT_FORMATS = ['csv', 'ocsf', 'cef'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Entries held in memory at a time. */
const BATCH = 500;

type Ports = Pick<AuditRoutePorts, 'audit' | 'database' | 'vault' | 'version'>;

/** The entries at the positions [from, to), batch by batch; each batch has a short transaction of its own. */
export async function* entriesOf(
  { audit, database }: Ports,
  organisation: OrganisationId,
  from: number,
  to: number,
): AsyncGenerator<PlacedEntry> {
  for (let at = from; at < to; ) {
    const most = Math.min(BATCH, to - at);
    const batch = await database.tenant([organisation], 'app', (tx) =>
      audit.placed(tx, organisation, at, most),
    );
    for (const entry of batch) {
      if (entry.position >= to) return;
      yield entry;
    }
    const last = batch.at(-1);
    if (last === undefined) return;
    at = last.position + 1;
  }
}

/** The entries that a search finds, newest first. */
export async function* entriesFound(
  { audit, database }: Ports,
  organisation: OrganisationId,
  query: Omit<AuditQuery, 'limit' | 'cursor'>,
): AsyncGenerator<Omit<PlacedEntry, 'position'> & { readonly position: number | null }> {
  let cursor: string | null = null;
  do {
    const asked: AuditQuery = { ...query, cursor, limit: 200 };
    const page: AuditPage | null = await database.tenant([organisation], 'app', (tx) =>
      audit.list(tx, organisation, asked),
    );
    for (const { id, position, leaf, entry } of page?.lines ?? []) yield { id, position, leaf, entry };
    cursor = page?.next ?? null;
  } while (cursor !== null);
}

/** Lines of a file, `onLine` called before each. With `resolve` the people of an entry are opened, one by one. */
export async function* exportLines(
  ports: Ports,
  organisation: OrganisationId,
  entries: AsyncIterable<Omit<ShownEntry, 'people'>>,
  plan: { readonly format: ExportFormat; readonly resolve: boolean },
  onLine: () => void,
): AsyncGenerator<Uint8Array> {
  if (plan.format === 'csv') yield Buffer.from(csvHead());
  for await (const one of entries) {
    const people = plan.resolve ? await peopleOf(ports, organisation, one) : null;
    onLine();
    yield Buffer.from(lineOf({ ...one, people }, plan.format, ports.version));
  }
}

function lineOf(shown: ShownEntry, format: ExportFormat, version: string): string {
  switch (format) {
    case 'csv':
      return csvLine(shown);
    case 'cef':
      return `${cefLine(shown, version, true)}\n`;
    case 'ocsf':
      return `${JSON.stringify(ocsfEvent(shown, version, true))}\n`;
  }
}

async function peopleOf(
  { audit, database, vault }: Ports,
  organisation: OrganisationId,
  { id, entry }: Omit<ShownEntry, 'people'>,
): Promise<People | null> {
  if (entry?.reference == null) return null;
  const row = await database.tenant([organisation], 'app', (tx) => audit.entry(tx, organisation, id));
  if (row?.sealedReference == null) return null;
  const text = await vault.openValue(
    auditReferenceBinding(organisation, entry.subjects),
    row.sealedReference,
  );
  const { sender, recipients, networkAddress } = readReference(text);
  return { sender, recipients, networkAddress };
}
