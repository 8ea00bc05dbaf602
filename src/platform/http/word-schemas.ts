import { z } from 'zod';
import { PERMISSIONS } from '#core/actor';
import { CLASSES, METHODS, STREAMS } from '#core/method';
import { ROLES } from '#platform/access';

// Schemas of the core's words, so that every product names the same things the same way in the API.

export const permissionSchema = z.enum(PERMISSIONS).meta({ id: 'Permission' });
export const roleSchema = z.enum(ROLES).meta({ id: 'Role' });
export const methodSchema = z.enum(METHODS).meta({ id: 'Method' });
export const classSchema = z.enum(CLASSES).meta({ id: 'SensitivityClass' });
export const parametersSchema = z.record(z.string(), z.union([z.string(), z.number()]));

export const tlsRequirementSchema = z
  .strictObject({ minimum: z.enum(['1.2', '1.3']), authentication: z.enum(['verified', 'encrypted-only']) })
  .meta({ id: 'TlsRequirement' });

export const reasonSchema = z
  .strictObject({ code: z.string(), parameters: parametersSchema })
  .meta({ id: 'Reason' });

export const decisionSchema = z
  .strictObject({
    method: z.union([methodSchema, z.literal('none')]),
    order: z.array(methodSchema),
    tls: tlsRequirementSchema,
    policyVersion: z.number().int(),
    reasons: z.array(reasonSchema),
  })
  .meta({ id: 'Decision' });

export const actorViewSchema = z
  .strictObject({
    kind: z.enum(['person', 'api-key', 'recipient', 'system']),
    id: z.string(),
    label: z.string(),
  })
  .meta({ id: 'ActorView' });

export const streamSchema = z.enum(STREAMS).meta({ id: 'Stream' });

export const deliveryStateSchema = z
  .enum([
    'queued',
    'deferred',
    'held',
    'delivered',
    'portal-waiting',
    'portal-read',
    'bounced',
    'expired',
    'not-delivered',
    'cancelled',
    'retracted',
  ])
  .meta({ id: 'DeliveryState' });
