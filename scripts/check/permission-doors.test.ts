import { describe, expect, it } from 'vitest';
import { houseProblems } from './house-rules.ts';

const problems = (path: string, text: string) => houseProblems(path, text).map(({ text: what }) => what);
const DOORS = ['what a caller holds is asked for by the doors of platform/access'];

describe('the doors of permissions', () => {
  it.each([
    "export const may = (caller) => caller.permissions.has('messages:read');",
    "export const may = ({ caller }) => caller?.scoped.get('messages:read');",
    "export const may = (request) => request.caller['permissions'].size;",
    'export function may(caller) { const { organisation, permissions } = caller; return [organisation, permissions]; }',
    'export function may({ scoped: held }: Caller) { return held; }',
    'export const may = (principal) => [...principal.permissions];',
  ])('are not walked around: %s', (text) => {
    expect(problems('src/products/messages/bad.ts', text)).toEqual(DOORS);
    expect(problems('src/platform/access/bad.ts', text)).toEqual(DOORS);
    expect(problems('src/platform/access/permissions.ts', text)).toEqual([]);
  });

  it.each([
    "export const may = (caller) => hasAccess(caller, 'messages:read');",
    'export const size = (key) => key.permissions.length;',
    'export const asker = { permissions: new Set(), scoped: new Map() };',
    'export function from({ organisation, actor }: Caller) { return [organisation, actor]; }',
  ])('leave alone what is no look at a caller: %s', (text) => {
    expect(problems('src/products/messages/good.ts', text)).toEqual([]);
  });
});
