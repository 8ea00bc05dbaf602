import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { PortalSignInRule } from '#core/portal';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import {
  allOrganisationIds,
  type DomainRow,
  insertDomain,
  insertOrganisation,
  locateDomain,
  type OrganisationChange,
  type OrganisationRow,
  readDomains,
  readOrganisationRows,
  UNREAD_NOTICE_DAYS,
  updateLimit,
  updateOrganisationRow,
  updatePortalSignIn,
  updateTextNotices,
} from './organisation.store.ts';
import { requireAccess } from './permissions.ts';
import { type AccessPorts, auditEntry } from './ports.ts';

export interface Organisation {
  readonly id: OrganisationId;
  readonly name: string;
  readonly slug: string;
  readonly timeZone: string;
  readonly locale: string;
  /** Days after which an unread portal copy is reported to its sender; 0: never. */
  readonly unreadNoticeDays: number;
  /** Its messages in the portal are never shown beside those of other organisations. */
  readonly separateSignIn: boolean;
}

export interface Organisations {
  /** Makes one in the transaction, which must carry its id. Refusal `already-exists` for a taken slug or domain. */
  create(
    tx: Transaction,
    organisation: { id: OrganisationId; name: string; slug: string; domain: string },
  ): Promise<void>;
  /** Those of the transaction's organisations. */
  read(tx: Transaction, ids: readonly OrganisationId[]): Promise<Organisation[]>;
  /** The same in a transaction of its own. */
  load(ids: readonly OrganisationId[]): Promise<Organisation[]>;
  /** Ids of all organisations of the installation. */
  ids(): Promise<OrganisationId[]>;
  /** Sending domains, lower-case A-labels. */
  domains(tx: Transaction, organisation: OrganisationId): Promise<DomainRow[]>;
  /** Which organisation owns a domain; undefined when none of ours does. */
  ownerOf(domain: string): Promise<OrganisationId | undefined>;
  /** Refusal `already-exists` when the name belongs to some organisation. */
  addDomain(tx: Transaction, organisation: OrganisationId, name: string): Promise<void>;
  change(caller: Caller, change: OrganisationChange): Promise<void>;
  /** Whether notices go as texts too. */
  textNotices(tx: Transaction, organisation: OrganisationId): Promise<boolean>;
  setTextNotices(caller: Caller, on: boolean): Promise<void>;
  /** How recipients sign in to the portal, as it is kept; undefined where nothing is set. */
  portalSignIn(caller: Caller): Promise<unknown>;
  changePortalSignIn(caller: Caller, rule: PortalSignInRule): Promise<void>;
  /** The operator's limit of recipients an hour, null for none. Audited in the organisation's own log. */
  limit(caller: Caller, organisation: OrganisationId, recipientsPerHour: number | null): Promise<void>;
}

export function createOrganisations({ database, audit, clock }: AccessPorts): Organisations {
  const addDomain = async (tx: Transaction, organisation: OrganisationId, name: string): Promise<void> => {
    if (!(await insertDomain(tx, organisation, { id: newId(clock), name }))) {
      throw new Refusal('already-exists', { path: 'domain' });
    }
  };
  const read = async (tx: Transaction, ids: readonly OrganisationId[]): Promise<Organisation[]> =>
    (await readOrganisationRows(tx, ids)).map(fromRow);
  return {
    async create(tx, organisation) {
      if (!(await insertOrganisation(tx, organisation)))
        throw new Refusal('already-exists', { path: 'slug' });
      await addDomain(tx, organisation.id, organisation.domain);
    },
    read,
    load: (ids) =>
      ids.length === 0 ? Promise.resolve([]) : database.tenant(ids, 'app', (tx) => read(tx, ids)),
    ids: () => database.system('app', allOrganisationIds),
    domains: readDomains,
    ownerOf: (domain) => database.system('app', (tx) => locateDomain(tx, domain)),
    addDomain,
    async change(caller, change) {
      requireAccess(caller, 'organisation:write');
      const { organisation, actor } = caller;
      await database.tenant([organisation], 'app', async (tx) => {
        const row = await updateOrganisationRow(tx, organisation, change);
        if (row === undefined) throw new Refusal('not-found');
        const changed = Object.entries(change).filter(([, value]) => value !== null);
        const details = {
          changed: changed.map(([name]) => name).join(' '),
          ...(change.unreadNoticeDays === null ? {} : { unreadNoticeDays: change.unreadNoticeDays }),
        };
        await audit.append(
          tx,
          auditEntry(caller, { organisation, action: 'organisation.changed', actor, details }),
        );
      });
    },
    async textNotices(tx, organisation) {
      const [row] = await readOrganisationRows(tx, [organisation]);
      return row?.settings.textNotices === true;
    },
    async setTextNotices(caller, on) {
      requireAccess(caller, 'organisation:write');
      const { organisation, actor } = caller;
      await database.tenant([organisation], 'app', async (tx) => {
        if (!(await updateTextNotices(tx, organisation, on))) throw new Refusal('not-found');
        const entry = {
          organisation,
          action: 'organisation.text-notices-set',
          actor,
          details: { textNotices: on },
        };
        await audit.append(tx, auditEntry(caller, entry));
      });
    },
    async portalSignIn(caller) {
      requireAccess(caller, 'organisation:read');
      const { organisation } = caller;
      const [row] = await database.tenant([organisation], 'app', (tx) =>
        readOrganisationRows(tx, [organisation]),
      );
      if (row === undefined) throw new Refusal('not-found');
      return row.settings.portalSignIn;
    },
    async changePortalSignIn(caller, rule) {
      requireAccess(caller, 'organisation:write');
      const { organisation, actor } = caller;
      await database.tenant([organisation], 'app', async (tx) => {
        if (!(await updatePortalSignIn(tx, organisation, rule))) throw new Refusal('not-found');
        const details = {
          first: rule.first.join(' '),
          question: rule.question,
          wrongAnswers: rule.wrongAnswers,
        };
        const entry = { organisation, action: 'organisation.portal-sign-in-changed', actor, details };
        await audit.append(tx, auditEntry(caller, entry));
      });
    },
    async limit(caller, organisation, recipientsPerHour) {
      requireAccess(caller, 'installation:operate');
      await database.tenant([organisation], 'app', async (tx) => {
        if (!(await updateLimit(tx, organisation, recipientsPerHour))) throw new Refusal('not-found');
        const entry = {
          organisation,
          action: 'organisation.limited',
          actor: caller.actor,
          details: { recipientsPerHour },
        };
        await audit.append(tx, auditEntry(caller, entry));
      });
    },
  };
}

function fromRow(row: OrganisationRow): Organisation {
  return {
    ...{ id: row.id, name: row.name, slug: row.slug, timeZone: row.time_zone, locale: row.locale },
    unreadNoticeDays: row.settings.unreadNoticeDays ?? UNREAD_NOTICE_DAYS,
    separateSignIn: row.settings.separateSignIn === true,
  };
}
