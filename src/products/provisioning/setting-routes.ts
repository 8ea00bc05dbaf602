import { z } from 'zod';
import type { Caller } from '#core/actor';
import { doneBy } from '#core/audit-entry';
import type { Access } from '#platform/access';
import type { Audit } from '#platform/audit';
import type { Database } from '#platform/database';
import { defineRoute, type Route } from '#platform/http';

export interface SettingPorts {
  readonly database: Database;
  readonly audit: Pick<Audit, 'append'>;
  readonly people: Pick<Access['provisioned'], 'furtherDomains' | 'setFurtherDomains'>;
  address(): string;
}

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const domain = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(new RegExp(`^${LABEL}(?:\\.${LABEL})+$`));

const settingSchema = z
  .strictObject({
    scimAddress: z.string().describe('What a directory is told as the address of this service'),
    furtherDomains: z
      .array(z.string())
      .describe('Domains of people’s addresses that directories may use beside your own'),
  })
  .meta({ id: 'ProvisioningSetting' });

/** Where directories find us, and whose addresses they may bring. */
export function settingRoutes(ports: SettingPorts): Route[] {
  const view = async (caller: Caller) => ({
    scimAddress: `${ports.address().replace(/\/$/, '')}/scim/v2`,
    furtherDomains: await ports.database.tenant([caller.organisation], 'app', (tx) =>
      ports.people.furtherDomains(tx, caller.organisation),
    ),
  });
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/provisioning',
      summary: 'The address for SCIM, and whose addresses directories may bring',
      tags: ['provisioning'],
      access: { permission: 'sign-in:read' },
      responses: { 200: settingSchema },
    }).handle(async ({ caller }) => ({ status: 200, body: await view(caller) })),
    defineRoute({
      method: 'PUT',
      path: '/v1/provisioning',
      summary: 'Say whose addresses directories may bring beside your own domains',
      description: 'Never those of a domain that is another organisation’s here.',
      tags: ['provisioning'],
      access: { permission: 'sign-in:write' },
      stepUp: true,
      fourEyes: 'single-sign-on',
      body: z.strictObject({ furtherDomains: z.array(domain).max(50) }),
      responses: { 200: settingSchema },
    }).handle(async ({ caller, body }) => {
      const domains = [...new Set(body.furtherDomains)].sort();
      await ports.database.tenant([caller.organisation], 'app', async (tx) => {
        await ports.people.setFurtherDomains(tx, caller.organisation, domains);
        const details = { change: 'domains', domains: domains.length };
        await ports.audit.append(tx, doneBy(caller, 'provisioning.connection-changed', { details }));
      });
      return { status: 200, body: await view(caller) };
    }),
  ];
}
