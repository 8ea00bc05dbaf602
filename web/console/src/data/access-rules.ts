import type { Schemas } from '@sealpost/client';
import { queryOptions } from '@tanstack/react-query';
import { client, done, unwrap } from '../api.ts';

export type AccessRule = Schemas['AccessRuleInput'];
export type AccessConditions = AccessRule['when'];
export type AccessReplay = Schemas['AccessReplay'];
export type Device = Schemas['Device'];
export type SessionSettings = Schemas['SessionSettingsInput'];

export const accessRulesQuery = queryOptions({
  queryKey: ['access-rules'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/access-rules', { signal })),
});

export function saveAccessRules(version: number, rules: AccessRule[], confirm: boolean) {
  return unwrap(client.PUT('/v1/access-rules', { body: { version, rules, confirm } }));
}

export function tryAccessRules(rules: AccessRule[]) {
  return unwrap(client.POST('/v1/access-rules/replay', { body: { rules, days: 30 } }));
}

export const devicesQuery = queryOptions({
  queryKey: ['devices'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/devices', { params: { query: {} }, signal })),
});

export function changeDevice(id: string, body: { name: string | null; trusted: boolean }): Promise<void> {
  return done(client.PUT('/v1/devices/{id}', { params: { path: { id } }, body }));
}

export function forgetDevice(id: string): Promise<void> {
  return done(client.DELETE('/v1/devices/{id}', { params: { path: { id } } }));
}

export const sessionSettingsQuery = queryOptions({
  queryKey: ['session-settings'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/session-settings', { signal })),
});

export function saveSessionSettings(body: SessionSettings) {
  return unwrap(client.PUT('/v1/session-settings', { body }));
}

export function signOutElsewhere() {
  return unwrap(client.DELETE('/v1/sessions'));
}
