import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrganisationId } from '#core/ids';
import type { DatabaseRole, Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { connectOwner, type OwnerConnection } from '../../src/platform/database/owner-connection.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';
import { readSecuredTables, rowFor, type SecuredTable } from './secured-tables.ts';

const ROLES: readonly DatabaseRole[] = ['app', 'worker'];
const victim = newId() as OrganisationId;
const other = newId() as OrganisationId;

let fresh: FreshDatabase;
let owner: OwnerConnection;
let tables: readonly SecuredTable[] = [];

beforeAll(async () => {
  fresh = await freshDatabase();
  owner = await connectOwner(fresh.superuserUrl);
  tables = await readSecuredTables(owner);
  // Foreign keys are no part of this: each table stands alone.
  await owner.script("set session_replication_role = 'replica'");
  for (const table of tables)
    for (const organisation of [victim, other]) await insertAs(owner, table, organisation);
});
afterAll(async () => {
  await owner.close();
  await fresh.close();
});

async function insertAs(
  connection: OwnerConnection,
  table: SecuredTable,
  organisation: OrganisationId,
): Promise<void> {
  const row = rowFor(table, organisation);
  await connection.query(row.text, row.values);
}

/** What one statement did: rows touched or seen, or the code it was refused with. */
async function attempt(
  role: DatabaseRole,
  organisations: readonly OrganisationId[],
  work: (tx: Transaction) => Promise<number>,
): Promise<number | string> {
  const run =
    organisations.length === 0
      ? fresh.database.system(role, work)
      : fresh.database.tenant(organisations, role, work);
  return run.catch((error: unknown) =>
    error instanceof Error && 'code' in error ? String(error.code) : 'fault',
  );
}

const REFUSED = '42501'; // insufficient_privilege: no grant, or against the policy

async function seen(tx: Transaction, table: SecuredTable, where: string): Promise<number> {
  const row = await tx.one<{ count: number | string }>({
    text: `select count(*) as count from ${table.name} t where ${where}`,
  });
  return Number(row.count);
}

describe('every table and every partition', () => {
  it('is known here, and there are many', () => {
    expect(tables.filter((table) => !table.partition).length).toBeGreaterThan(25);
    expect(tables.filter((table) => table.partition).length).toBeGreaterThan(100);
  });

  it.each(ROLES)(
    'shows %s no row from outside of a tenant transaction or to another organisation',
    async (role) => {
      const shown: string[] = [];
      for (const table of tables) {
        const outside = await attempt(role, [], (tx) => seen(tx, table, 'true'));
        const foreign = await attempt(role, [other], (tx) =>
          seen(tx, table, `t.${table.tenant} = '${victim}'`),
        );
        if (outside !== 0 && outside !== REFUSED) shown.push(`${table.name} outside: ${outside}`);
        if (foreign !== 0 && foreign !== REFUSED) shown.push(`${table.name} to another: ${foreign}`);
      }
      expect(shown).toEqual([]);
    },
  );

  it.each(ROLES)('shows %s its own rows, so the tries above could have found some', async (role) => {
    const own = await Promise.all(
      tables
        .filter((table) => !table.partition && table.may(role, 'SELECT'))
        .map((table) => attempt(role, [victim], (tx) => seen(tx, table, `t.${table.tenant} = '${victim}'`))),
    );
    expect(own.length).toBeGreaterThan(15);
    expect(own.every((count) => typeof count === 'number' && count >= 1)).toBe(true);
  });

  it.each(ROLES)('lets %s change and delete nothing of another organisation', async (role) => {
    const changed: string[] = [];
    for (const table of tables) {
      const column = table.updatable(role)[0] ?? table.tenant;
      const update = `update ${table.name} set ${column} = ${column} where ${table.tenant} = '${victim}'`;
      const remove = `delete from ${table.name} where ${table.tenant} = '${victim}'`;
      for (const organisations of [[], [other]]) {
        for (const text of [update, remove]) {
          const result = await attempt(role, organisations, (tx) => tx.execute({ text }));
          if (result !== 0 && result !== REFUSED) changed.push(`${text}: ${result}`);
        }
      }
    }
    expect(changed).toEqual([]);
  });

  it.each(ROLES)('refuses what %s would insert for another organisation', async (role) => {
    const accepted: string[] = [];
    for (const table of tables) {
      for (const organisations of [[], [other]]) {
        const row = rowFor(table, victim);
        const result = await attempt(role, organisations, (tx) => tx.execute(row));
        if (result !== REFUSED) accepted.push(`${table.name}: ${result}`);
      }
    }
    expect(accepted).toEqual([]);
  });

  it.each(ROLES)('refuses to let %s give its own rows to another organisation', async (role) => {
    const given: string[] = [];
    for (const table of tables) {
      const text = `update ${table.name} set ${table.tenant} = '${victim}' where ${table.tenant} = '${other}'`;
      const result = await attempt(role, [other], (tx) => tx.execute({ text }));
      if (result !== REFUSED) given.push(`${table.name}: ${result}`);
    }
    expect(given).toEqual([]);
  });

  it('gives nobody a right on a partition, and truncates nothing', async () => {
    const rights = tables
      .filter((table) => table.partition)
      .flatMap((table) =>
        ROLES.flatMap((role) =>
          (['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const).filter((right) => table.may(role, right)),
        ),
      );
    expect(rights).toEqual([]);
    for (const table of tables)
      expect(await attempt('worker', [other], (tx) => tx.execute({ text: `truncate ${table.name}` }))).toBe(
        REFUSED,
      );
  });
});

describe('owner functions', () => {
  interface OwnerFunction {
    readonly name: string;
    readonly settings: string[];
    readonly app: boolean;
    readonly worker: boolean;
    readonly everybody: boolean;
    readonly result: string;
  }
  let functions: readonly OwnerFunction[] = [];
  beforeAll(async () => {
    functions = await owner.query<OwnerFunction>(`
      select p.proname as name, coalesce(p.proconfig, '{}') as settings, pg_get_function_result(p.oid) as result,
        has_function_privilege('sealpost_app', p.oid, 'execute') as app,
        has_function_privilege('sealpost_worker', p.oid, 'execute') as worker,
        exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                where a.grantee = 0 and a.privilege_type = 'EXECUTE') as everybody
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'sealpost' and p.prosecdef order by p.proname`);
  });

  /** Who may call it, and what comes out: ids, numbers, a destination's name, a moment. A new function needs an entry. */
  const DECLARED: Readonly<Record<string, { readonly roles: string; readonly result: RegExp }>> = {
    audit_streams_due: { roles: 'worker', result: /^SETOF uuid$/ },
    audit_subjects_of: { roles: 'app', result: /^TABLE\(kind text, id uuid\)$/ },
    audit_unindexed: { roles: 'worker', result: /^SETOF uuid$/ },
    audit_unsound: { roles: 'app worker', result: /^bigint$/ },
    audit_unwitnessed: { roles: 'worker', result: /^SETOF uuid$/ },
    audit_waiting: { roles: 'worker', result: /^SETOF uuid$/ },
    blob_exists: { roles: 'worker', result: /^boolean$/ },
    claim_due: { roles: 'worker', result: /^SETOF (sealpost\.)?claimed_item$/ },
    claim_work: { roles: 'worker', result: /^SETOF (sealpost\.)?claimed_work$/ },
    claim_texts: { roles: 'worker', result: /^TABLE\(organisation uuid, text uuid, attempt integer\)$/ },
    due_provisioning: { roles: 'app', result: /^TABLE\(organisation uuid, connection uuid\)$/ },
    due_alerts: { roles: 'worker', result: /^TABLE\(organisation uuid, alert uuid\)$/ },
    ensure_partitions: { roles: 'worker', result: /^integer$/ },
    expired_portal_items: { roles: 'worker', result: /^TABLE\(organisation uuid, item uuid\)$/ },
    unread_portal_items: { roles: 'worker', result: /^TABLE\(organisation uuid, item uuid\)$/ },
    expired_portal_letters: { roles: 'worker', result: /^TABLE\(organisation uuid, reply uuid\)$/ },
    find_api_key: { roles: 'app', result: /^TABLE\(organisation uuid, api_key uuid\)$/ },
    find_oauth_token: { roles: 'app', result: /^TABLE\(organisation uuid, oauth_token uuid\)$/ },
    find_domain: { roles: 'app', result: /^TABLE\(organisation uuid, domain uuid\)$/ },
    find_inbound: { roles: 'app', result: /^TABLE\(organisation uuid\)$/ },
    find_sso_connection: { roles: 'app', result: /^TABLE\(organisation uuid\)$/ },
    find_sso_domain: { roles: 'app', result: /^TABLE\(organisation uuid, connection uuid\)$/ },
    find_sso_organisation: { roles: 'app', result: /^TABLE\(organisation uuid\)$/ },
    find_portal_delegation: { roles: 'app', result: /^TABLE\(organisation uuid\)$/ },
    only_portal_delegation: { roles: 'app', result: /^TABLE\(organisation uuid, delegation uuid\)$/ },
    find_portal_device: { roles: 'app', result: /^TABLE\(organisation uuid, device uuid\)$/ },
    find_portal_link: { roles: 'app', result: /^TABLE\(organisation uuid, item uuid\)$/ },
    find_portal_passkey: { roles: 'app', result: /^TABLE\(organisation uuid, passkey uuid\)$/ },
    find_portal_people: { roles: 'app', result: /^TABLE\(organisation uuid, person uuid\)$/ },
    find_portal_session: { roles: 'app', result: /^TABLE\(organisation uuid, session uuid\)$/ },
    // Names of roles and permissions that bind those below; nothing else of a parent.
    guardrails_above: { roles: 'app', result: /^TABLE\(organisation uuid, denied text\[\], caps jsonb\)$/ },
    memberships_of: { roles: 'app', result: /^TABLE\(organisation uuid\)$/ },
    monitor_behind: { roles: 'worker', result: /^SETOF uuid$/ },
    organisation_ids: { roles: 'app worker', result: /^SETOF uuid$/ },
    place_below: { roles: 'app', result: /^boolean$/ },
    queue_depth: { roles: 'app worker', result: /^TABLE\(kind text, due bigint, waiting bigint\)$/ },
    search_audit: { roles: 'app worker', result: /^SETOF uuid$/ },
    search_messages: { roles: 'app', result: /^SETOF uuid$/ },
    sequence_events: { roles: 'worker', result: /^integer$/ },
    sweep_portal: { roles: 'worker', result: /^integer$/ },
    text_depth: { roles: 'worker', result: /^TABLE\(due bigint, waiting bigint\)$/ },
    unreadable_audit: { roles: 'app worker', result: /^SETOF uuid$/ },
    waiting_policy_replays: { roles: 'worker', result: /^TABLE\(organisation uuid, replay uuid\)$/ },
    unanswered_incidents: { roles: 'worker', result: /^SETOF uuid$/ },
    waiting_alert_tries: { roles: 'worker', result: /^TABLE\(organisation uuid, try uuid\)$/ },
    unsealed_portal_access: { roles: 'worker', result: /^TABLE\(organisation uuid, access uuid\)$/ },
  };

  it('are those declared here, for the roles declared, and return ids and numbers', () => {
    const found = functions.map(({ name, app, worker, everybody }) => [
      name,
      everybody ? 'everybody' : [app ? 'app' : '', worker ? 'worker' : ''].join(' ').trim(),
    ]);
    const declared = Object.entries(DECLARED).map(([name, { roles }]) => [name, roles]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(declared));
    for (const { name, result } of functions) expect(result).toMatch(DECLARED[name]?.result ?? /nothing/);
  });

  it('look only where they say: no object of a caller can stand in for one of theirs', async () => {
    for (const { settings } of functions) expect(settings).toEqual(['search_path=sealpost, pg_temp']);
    // A temporary table of the caller comes first on an ordinary path; here it comes last.
    const shadowed = await fresh.database.system('app', async (tx) => {
      await tx.execute({ text: 'create temporary table organisation (id uuid) on commit drop' });
      await tx.execute({ text: 'insert into pg_temp.organisation values (gen_random_uuid())' });
      await tx.execute({ text: 'set local search_path = pg_temp, sealpost' });
      return tx.query<{ id: string }>({ text: 'select id from sealpost.organisation_ids() as t (id)' });
    });
    expect(shadowed.map(({ id }) => id).sort()).toEqual([other, victim].sort());
    const planted = attempt('app', [other], (tx) =>
      tx.execute({ text: 'create table sealpost.planted (id uuid)' }),
    );
    expect(await planted).toBe(REFUSED);
    const replaced =
      'create or replace function sealpost.tenants() returns uuid[] language sql return null::uuid[]';
    expect(await attempt('worker', [other], (tx) => tx.execute({ text: replaced }))).toBe(REFUSED);
  });

  it('search for an organisation only inside of its own transaction', async () => {
    const terms = await owner.query<{ terms: string[] }>(
      `select terms from sealpost.message_term where organisation = '${victim}' limit 1`,
    );
    const search = (organisations: readonly OrganisationId[]) =>
      attempt('app', organisations, async (tx) => {
        const values = [victim, terms[0]?.terms ?? [], 'ffffffff-ffff-ffff-ffff-ffffffffffff', 100];
        return (
          await tx.query({ text: 'select * from sealpost.search_messages($1, $2::bigint[], $3, $4)', values })
        ).length;
      });
    expect(await search([])).toBe(0);
    expect(await search([other])).toBe(0);
    expect(await search([victim])).toBeGreaterThan(0);
  });
});

describe('roles', () => {
  it('are no superusers, own nothing, and are members of nothing', async () => {
    const rows = await owner.query(`
      select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication from pg_roles
      where rolname like 'sealpost%' and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)`);
    expect(rows).toEqual([]);
    const owned = await owner.query(`
      select relname from pg_class where relowner in ('sealpost_app'::regrole, 'sealpost_worker'::regrole, 'sealpost'::regrole)`);
    expect(owned).toEqual([]);
    const memberships = await owner.query(`
      select from pg_auth_members where member in ('sealpost_app'::regrole, 'sealpost_worker'::regrole)`);
    expect(memberships).toEqual([]);
  });

  it.each(ROLES)('%s becomes no superuser and reads no file', async (role) => {
    const [{ superuser = '' } = {}] = await owner.query<{ superuser: string }>(
      'select current_user::text as superuser',
    );
    for (const text of [
      `set local role ${superuser}`,
      `set session authorization ${superuser}`,
      "select pg_read_file('/etc/passwd')",
      "copy (select 1) to program 'true'",
      'alter table sealpost.message disable row level security',
      'drop policy tenant on sealpost.message',
      'alter role sealpost_app bypassrls',
      'grant sealpost_owner to sealpost_app',
    ]) {
      const result = await attempt(role, [other], (tx) => tx.execute({ text }));
      expect(typeof result, text).toBe('string');
    }
    // `set row_security = off` does not lift it: it makes statements fail that would be filtered.
    const off = await attempt(role, [other], async (tx) => {
      await tx.execute({ text: 'set local row_security = off' });
      return seen(
        tx,
        tables.find(({ name }) => name === 'sealpost.message') ?? tables[0] ?? unreachable(),
        'true',
      );
    });
    expect(off).toBe(REFUSED);
  });

  it('stand between our own statements, not against foreign ones: whoever can speak SQL as us chooses the organisation', async () => {
    // The list of organisations is a setting that our own code makes, and the login may take the owner's role for
    // migrations. So row security catches a forgotten condition; against injected SQL stand bound parameters alone.
    const asVictim = await attempt('app', [other], async (tx) => {
      await tx.query({
        text: "select set_config('sealpost.organisations', $1, true)",
        values: [`{${victim}}`],
      });
      return seen(
        tx,
        tables.find(({ name }) => name === 'sealpost.message') ?? tables[0] ?? unreachable(),
        'true',
      );
    });
    expect(asVictim).toBeGreaterThan(0);
  });

  it('forget the organisation when their transaction ends', async () => {
    await attempt('app', [victim], (tx) => seen(tx, tables[0] ?? unreachable(), 'true'));
    const left = await fresh.database.system('app', (tx) =>
      tx.one<{ setting: string | null }>({
        text: "select current_setting('sealpost.organisations', true) as setting",
      }),
    );
    expect(left.setting ?? '').not.toContain(victim);
  });
});

function unreachable(): never {
  throw new Error('there are no tables');
}
