import { describe, expect, it } from 'vitest';
import { PERMISSIONS, type Permission } from '#core/actor';
import { ceilingOf, withinCeiling } from './ceiling.ts';

const administrator = PERMISSIONS.filter((permission) => permission !== 'installation:operate');

describe('the ceiling of a connection', () => {
  it('of an administrator holds for what a later release adds, and not for operators', () => {
    const ceiling = ceilingOf({ permissions: new Set(administrator) });
    expect(withinCeiling(ceiling, [...administrator, 'of-a-later-release' as Permission])).toBe(true);
    expect(withinCeiling(ceiling, PERMISSIONS)).toBe(false);
    expect(withinCeiling(ceilingOf({ permissions: new Set(PERMISSIONS) }), PERMISSIONS)).toBe(true);
  });

  it('of anybody else is what they held, and nothing more', () => {
    const ceiling = ceilingOf({ permissions: new Set<Permission>(['sign-in:write', 'messages:read']) });
    expect(withinCeiling(ceiling, ['messages:read'])).toBe(true);
    expect(withinCeiling(ceiling, ['messages:read', 'messages:read-content'])).toBe(false);
  });
});
