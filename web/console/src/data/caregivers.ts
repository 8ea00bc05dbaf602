import { queryOptions } from '@tanstack/react-query';
import { client, unwrap } from '../api.ts';
import type { CaregiverGrant } from '../api-types.ts';

export const caregiversQuery = queryOptions({
  queryKey: ['caregivers'],
  queryFn: ({ signal }) =>
    unwrap(client.GET('/v1/caregivers', { params: { query: { limit: 200 } }, signal })),
  // Whose messages others may see is on record when it is looked at: asked for when somebody looks.
  refetchOnWindowFocus: false,
});

export type NewCaregiver = Pick<
  CaregiverGrant,
  | 'patientAddress'
  | 'caregiverAddress'
  | 'label'
  | 'reason'
  | 'relation'
  | 'highestClass'
  | 'streams'
  | 'mayReply'
  | 'showsAddress'
  | 'notices'
  | 'expiresAt'
>;

export function grantCaregiver(grant: NewCaregiver) {
  return unwrap(client.POST('/v1/caregivers', { body: grant }));
}

export function withdrawCaregiver(id: string) {
  return unwrap(client.POST('/v1/caregivers/{id}/withdraw', { params: { path: { id } } }));
}
