import { z } from 'zod';
import { Refusal } from '#core/errors';
import { INSTALLATION } from '#core/ids';
import { auditEntry, type Installation } from '#platform/access';
import { defineRoute, type Route } from '#platform/http';
import type { OrganisationPorts } from './ports.ts';
import { publicUrl, time } from './schemas.ts';

const tags = ['installation'];
const port = z.int().nullable();

const installationSchema = z
  .strictObject({
    mode: z.enum(['sandbox', 'live']),
    version: z.string(),
    consoleUrl: z.string().nullable(),
    portalUrl: z.string().nullable(),
    setUpAt: time.nullable(),
    submission: z.strictObject({ host: z.string(), startTlsPort: port, implicitTlsPort: port }),
  })
  .meta({ id: 'Installation' });

/** The installation itself. Leaving the sandbox cannot be undone. */
export function installationRoutes(needs: OrganisationPorts): Route[] {
  const { installation } = needs.access;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/installation',
      summary: 'Mode, addresses and version',
      tags,
      access: { permission: 'organisation:read' },
      responses: { 200: installationSchema },
    }).handle(async () => ({ status: 200, body: view(needs, await installation.current()) })),
    defineRoute({
      method: 'PATCH',
      path: '/v1/installation',
      summary: 'Change the public addresses (operator)',
      tags,
      access: { permission: 'installation:operate' },
      stepUp: true,
      fourEyes: 'installation',
      body: z.strictObject({ consoleUrl: publicUrl.optional(), portalUrl: publicUrl.optional() }),
      responses: { 200: installationSchema },
    }).handle(async ({ caller, body }) => {
      const { consoleUrl = null, portalUrl = null } = body;
      const changed = await needs.database.tenant([INSTALLATION], 'app', async (tx) => {
        const details = { console: consoleUrl ?? '', portal: portalUrl ?? '' };
        const { actor } = caller;
        const entry = {
          organisation: INSTALLATION,
          action: 'installation.addresses-changed',
          actor,
          details,
        };
        await needs.audit.append(tx, auditEntry(caller, entry));
        return installation.change(tx, { mode: null, consoleUrl, portalUrl });
      });
      await needs.installationChanged(changed);
      return { status: 200, body: view(needs, changed) };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/installation/mode',
      summary: 'Leave sandbox mode for good (operator)',
      description:
        'Removes the sandbox with its routes, DNS and mailboxes. The public addresses must be known.',
      tags,
      access: { permission: 'installation:operate' },
      stepUp: true,
      fourEyes: 'leave-sandbox',
      body: z.strictObject({
        mode: z.literal('live'),
        consoleUrl: publicUrl.optional(),
        portalUrl: publicUrl.optional(),
      }),
      responses: { 200: installationSchema },
      errors: ['wrong-state'],
    }).handle(async ({ caller, body }) => {
      const now = await installation.current();
      if (now.mode === 'live') throw new Refusal('wrong-state', { state: 'live' });
      const consoleUrl = body.consoleUrl ?? now.consoleUrl;
      const portalUrl = body.portalUrl ?? now.portalUrl;
      if (consoleUrl === null) throw new Refusal('invalid', { path: 'consoleUrl' });
      if (portalUrl === null) throw new Refusal('invalid', { path: 'portalUrl' });
      const changed = await needs.database.tenant([INSTALLATION], 'app', async (tx) => {
        const { actor } = caller;
        const entry = { organisation: INSTALLATION, action: 'installation.went-live', actor };
        await needs.audit.append(tx, auditEntry(caller, entry));
        return installation.change(tx, { mode: 'live', consoleUrl, portalUrl });
      });
      await needs.installationChanged(changed);
      return { status: 200, body: view(needs, changed) };
    }),
  ];
}

function view(needs: OrganisationPorts, installation: Installation): z.output<typeof installationSchema> {
  const now = needs.addresses();
  return {
    mode: installation.mode,
    version: needs.version,
    consoleUrl: installation.consoleUrl ?? now.console,
    portalUrl: installation.portalUrl ?? now.portal,
    setUpAt: installation.setUpAt?.toISOString() ?? null,
    submission: { ...needs.submission() },
  };
}
