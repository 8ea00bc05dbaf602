import { queryOptions } from '@tanstack/react-query';
import { client, done, unwrap } from '../api.ts';
import type {
  AlertChannelTo,
  AlertRuleDefinition,
  AlertSettings,
  AlertSeverity,
  IncidentAct,
} from '../api-types.ts';

export type IncidentsShown = 'not-closed' | 'closed' | 'all';

/** Looking at incidents is on record, so they are not asked for in the background. */
const QUIET = { refetchOnWindowFocus: false } as const;

export const incidentsQuery = (state: IncidentsShown) =>
  queryOptions({
    queryKey: ['incidents', state],
    queryFn: ({ signal }) =>
      unwrap(client.GET('/v1/incidents', { params: { query: { state, limit: 100 } }, signal })),
    ...QUIET,
  });

/** For the number in the navigation; counting is not looking. */
export const incidentCountQuery = queryOptions({
  queryKey: ['incident-count'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/incidents/count', { signal })),
  refetchInterval: 30_000,
});

export const incidentQuery = (id: string) =>
  queryOptions({
    queryKey: ['incident', id],
    queryFn: ({ signal }) => unwrap(client.GET('/v1/incidents/{id}', { params: { path: { id } }, signal })),
    ...QUIET,
  });

export function actOnIncident(id: string, body: IncidentAct) {
  return unwrap(client.POST('/v1/incidents/{id}/acts', { params: { path: { id } }, body }));
}

export function openIncident(body: { title: string; severity: AlertSeverity; note: string }) {
  return unwrap(client.POST('/v1/incidents', { body }));
}

export const alertRulesQuery = queryOptions({
  queryKey: ['alert-rules'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/alert-rules', { signal })),
});

export interface WrittenRule {
  name?: string;
  definition?: AlertRuleDefinition;
  severity?: AlertSeverity;
  active?: boolean;
  channels?: string[] | null;
}

export function changeRule(id: string, revision: number, change: WrittenRule) {
  return unwrap(
    client.PATCH('/v1/alert-rules/{id}', { params: { path: { id } }, body: { revision, ...change } }),
  );
}

export function makeRule(rule: { name: string; definition: AlertRuleDefinition; severity: AlertSeverity }) {
  return unwrap(client.POST('/v1/alert-rules', { body: rule }));
}

export function removeRule(id: string): Promise<void> {
  return done(client.DELETE('/v1/alert-rules/{id}', { params: { path: { id } } }));
}

export function tryRule(definition: AlertRuleDefinition, severity: AlertSeverity, days: number) {
  return unwrap(client.POST('/v1/alert-rules/try', { body: { definition, severity, days } }));
}

export const tryQuery = (id: string | null) =>
  queryOptions({
    queryKey: ['alert-rule-try', id],
    queryFn: ({ signal }) =>
      unwrap(client.GET('/v1/alert-rules/try/{id}', { params: { path: { id: id ?? '' } }, signal })),
    enabled: id !== null,
    refetchInterval: ({ state: { data } }) =>
      data?.state === 'done' || data?.state === 'failed' ? false : 1_000,
  });

export const channelsQuery = queryOptions({
  queryKey: ['alert-channels'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/alert-channels', { signal })),
  refetchInterval: 5_000,
});

export function makeChannel(to: AlertChannelTo, least: AlertSeverity) {
  return unwrap(client.POST('/v1/alert-channels', { body: { to, least } }));
}

export function changeChannel(id: string, change: { least: AlertSeverity; active: boolean }) {
  return unwrap(client.PATCH('/v1/alert-channels/{id}', { params: { path: { id } }, body: change }));
}

export function removeChannel(id: string): Promise<void> {
  return done(client.DELETE('/v1/alert-channels/{id}', { params: { path: { id } } }));
}

export function testChannel(id: string): Promise<void> {
  return done(client.POST('/v1/alert-channels/{id}/test', { params: { path: { id } } }));
}

export const alertSettingsQuery = queryOptions({
  queryKey: ['alert-settings'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/alert-settings', { signal })),
});

export function setAlertSettings(body: AlertSettings) {
  return unwrap(client.PUT('/v1/alert-settings', { body }));
}
