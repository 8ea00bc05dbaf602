import { z } from 'zod';
import { defineRoute, type Route } from '#platform/http';
import {
  changeSettings,
  PASSWORD_CHANNELS,
  type PdfSettings,
  type PdfSettingsPorts,
  readSettings,
} from './settings.ts';

export interface PdfSettingsRoutePorts extends PdfSettingsPorts {
  /** Whether this installation can send texts at all. */
  textPossible(): boolean;
}

const TAGS = ['policy'];

const fields = {
  channels: z
    .array(z.enum(PASSWORD_CHANNELS))
    .min(1)
    .max(PASSWORD_CHANNELS.length)
    .meta({ description: 'Ways of a password, tried in this order; what is not listed is not used' }),
  mostMegabytes: z
    .int()
    .min(1)
    .max(50)
    .meta({ description: 'Size of a mail with a PDF at most (1,048,576 octets each); more is divided' }),
};
const settingsSchema = z.strictObject(fields).meta({ id: 'PdfSettings' });
const shownSchema = z
  .strictObject({
    ...fields,
    textPossible: z.boolean().meta({ description: 'Whether this installation can send texts' }),
  })
  .meta({ id: 'PdfSettingsShown' });

/** How protected PDFs of an organisation are sent: the ways of their passwords, and how large their mails may be. */
export function pdfSettingsRoutes(ports: PdfSettingsRoutePorts): Route[] {
  const shown = ({ channels, mostMegabytes }: PdfSettings) => ({
    channels: [...channels],
    mostMegabytes,
    textPossible: ports.textPossible(),
  });
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/pdf-settings',
      summary: 'How protected PDFs and their passwords are sent',
      tags: TAGS,
      access: { permission: 'policies:read' },
      responses: { 200: shownSchema },
    }).handle(async ({ caller }) => ({ status: 200, body: shown(await readSettings(ports, caller)) })),
    defineRoute({
      method: 'PUT',
      path: '/v1/pdf-settings',
      summary: 'Change how protected PDFs and their passwords are sent',
      description:
        'A copy takes the first way that can reach its recipient: `agreed` needs a password on record, `text` a number on record and a text gateway, `portal` is always possible. Where none is, the next method of the policy is taken. A copy that is under way keeps its password and its way.',
      tags: TAGS,
      access: { permission: 'policies:write' },
      stepUp: true,
      fourEyes: 'encryption',
      body: settingsSchema,
      responses: { 200: shownSchema },
      errors: ['invalid'],
    }).handle(async ({ caller, body }) => ({
      status: 200,
      body: shown(await changeSettings(ports, caller, body)),
    })),
  ];
}
