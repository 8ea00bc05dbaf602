import { z } from 'zod';
import { CERTIFICATE_FAULTS } from '#platform/access';
import { defineRoute, empty, type Route } from '#platform/http';
import { ownerOf } from './owner.ts';
import type { AccountPorts } from './ports.ts';

const tags = ['account'];

const shownSchema = z
  .strictObject({
    shown: z
      .strictObject({
        subject: z.string().describe('Distinguished name, one attribute a line'),
        issuer: z.string(),
        names: z.array(z.string()).describe('Mail addresses and user principal names in it'),
        expiresAt: z.iso.datetime(),
      })
      .nullable()
      .describe('Null: the browser shows none'),
    fault: z.enum(CERTIFICATE_FAULTS).nullable().describe('Why it cannot be added; null: it can'),
  })
  .meta({ id: 'ShownCertificate' });

/** A smart card or certificate of the browser as a person's own factor. */
export function certificateRoutes({ access }: AccountPorts): Route[] {
  const { account } = access;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/account/certificate',
      summary: 'The client certificate that your browser shows',
      description:
        'Browsers choose a certificate when the connection is made and keep to it: to show another, close the browser first.',
      tags,
      access: 'session',
      responses: { 200: shownSchema },
    }).handle(async ({ caller, session, clientCertificate }) => {
      const { shown, fault } = await account.certificate(ownerOf(caller, session), clientCertificate);
      const view = shown && { ...shown, names: [...shown.names], expiresAt: shown.expiresAt.toISOString() };
      return { status: 200, body: { shown: view, fault } };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/account/certificate',
      summary: 'Add the certificate that your browser shows',
      description:
        'It is known again by its public key. Where the organisation counts certificates, it is a second factor beside the passphrase.',
      tags,
      access: 'session',
      stepUp: true,
      body: z.strictObject({ label: z.string().trim().min(1).max(100) }),
      responses: { 204: empty },
      errors: ['wrong-state', 'already-exists'],
    }).handle(async ({ caller, session, body, clientCertificate }) => {
      await account.addCertificate(ownerOf(caller, session), clientCertificate, body.label);
      return { status: 204 };
    }),
  ];
}
