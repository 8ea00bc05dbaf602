import { z } from 'zod';
import { defineRoute, type Route } from '#platform/http';
import type { RecipientKeys } from '#platform/keyring';

export interface KeySettingPorts {
  readonly keys: Pick<RecipientKeys, 'settings' | 'setSettings'>;
}

const tags = ['keys'];
const trust = z.enum(['first-use', 'vouched']);
const settingsSchema = z
  .strictObject({
    wkd: trust.describe('Published by the recipient’s domain (Web Key Directory)'),
    hkps: trust.describe('From a key server'),
    portal: trust.describe('Given by the recipient in the portal'),
    autocrypt: trust.describe('From a mail of the recipient'),
  })
  .describe(
    '`first-use`: the first key of an address is used before anybody has looked at it. `vouched`: it waits until somebody vouches for it',
  )
  .meta({ id: 'OpenpgpSettings' });

/** Which keys carry mail before anybody has vouched for them. */
export function keySettingRoutes({ keys }: KeySettingPorts): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/openpgp-settings',
      summary: 'Which sources of recipients’ keys are believed by themselves',
      tags,
      access: { permission: 'recipient-keys:read' },
      responses: { 200: settingsSchema },
    }).handle(async ({ caller }) => ({ status: 200, body: await keys.settings(caller.organisation) })),
    defineRoute({
      method: 'PUT',
      path: '/v1/openpgp-settings',
      summary: 'Change which sources of recipients’ keys are believed by themselves',
      description: 'Holds for keys that are known already as well.',
      tags,
      access: { permission: 'recipient-keys:write' },
      stepUp: true,
      fourEyes: 'encryption',
      body: settingsSchema,
      responses: { 200: settingsSchema },
    }).handle(async ({ caller, body }) => {
      await keys.setSettings(caller, body);
      return { status: 200, body };
    }),
  ];
}
