import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freshDatabase } from '../../../test/support/database.ts';
import { MIGRATIONS, migrate } from './migrate.ts';
import { connectOwner } from './owner-connection.ts';

const COPY = (message: string) => `insert into sealpost.portal_copy
  (id, organisation, message, object_key, size, expires_at) values
  (gen_random_uuid(), gen_random_uuid(), ${message}, '', 1, now())`;
const message = (
  cls: string,
) => `with m as (insert into sealpost.message (id, organisation, source, stream, class, priority,
    due_at, give_up_at, portal_expires_at, policy_version, object_key, sender, sender_index, subject, message_id,
    content_hash, size, recipients, actor)
  values (uuidv7(), gen_random_uuid(), 'api', 'business', '${cls}', 1, now(), now(), now(), 1, '', '', '', '', '', '', 1, 1, '{}')
  returning id) `;

/** What a portal copy of the release before asks for follows its message's class, and not the strictest for all. */
it('gives portal copies that stood before, and those that the release before writes, the class of their message; and keeps single sign-on guarded where sign-in was', async () => {
  const fresh = await freshDatabase({ empty: true });
  const directory = mkdtempSync(join(tmpdir(), 'sealpost-migrations-'));
  const owner = await connectOwner(fresh.superuserUrl);
  const classes = async () =>
    (await owner.query<{ class: string }>('select class from sealpost.portal_copy order by class')).map(
      (row) => row.class,
    );
  try {
    for (const name of readdirSync(MIGRATIONS))
      if (name < '0090') copyFileSync(join(MIGRATIONS, name), join(directory, name));
    await migrate({ url: fresh.url, directory });
    await owner.script(`select sealpost.ensure_partitions(now(), now() + interval '1 day')`);
    for (const cls of ['light', 'high', 'ordinary'])
      await owner.script(message(cls) + COPY('(select id from m)'));
    const chosen = ['["roles", "sign-in"]', '["roles"]', '["sign-in", "single-sign-on"]'];
    for (const [index, kinds] of chosen.entries())
      await owner.script(`insert into sealpost.organisation (id, name, slug, settings)
        values (gen_random_uuid(), 'x', 'x${index}', '{"fourEyes": ${kinds}, "other": 1}')`);
    await migrate({ url: fresh.url });
    expect(await classes()).toEqual(['high', 'light', 'ordinary']);
    const kept = await owner.query<{ settings: object }>(
      'select settings::text as settings from sealpost.organisation order by slug',
    );
    expect(kept.map(({ settings }) => JSON.parse(String(settings)))).toEqual([
      { fourEyes: ['roles', 'sign-in', 'single-sign-on'], other: 1 },
      { fourEyes: ['roles'], other: 1 },
      { fourEyes: ['sign-in', 'single-sign-on'], other: 1 },
    ]);
    // A process of the release before goes on writing, and knows no class of copies.
    await owner.script('delete from sealpost.portal_copy');
    const [row] = await owner.query<{ id: string }>(
      "select id::text as id from sealpost.message where class = 'light'",
    );
    await owner.script(COPY(`'${row?.id}'`));
    await owner.script(COPY('gen_random_uuid()'));
    expect(await classes()).toEqual(['high', 'light']);
  } finally {
    await owner.close();
    await fresh.close();
    rmSync(directory, { recursive: true });
  }
});
