import { describe, expect, it } from 'vitest';
import type { Permission, Session } from '../api-types.ts';
import { destinationsFor, missingFor } from './destinations.ts';

const reader = (permissions: Permission[], scoped: Permission[] = []): Session => ({
  ...{ permissions, scoped, mode: 'live', organisations: [], expiresAt: '', idleSeconds: 0, csrf: '' },
  identity: { id: 'i', displayName: 'I', address: 'i@clinic.test' },
  organisation: { id: 'o', name: 'O', slug: 'o' },
});
const paths = (session: Session) => destinationsFor(session).map(({ to }) => to);

describe('pages that a person is led to', () => {
  it('are those they may see: care relationships need the right to see recipients as well', () => {
    expect(paths(reader([]))).toEqual(['/', '/settings/account', '/settings/sessions']);
    expect(paths(reader(['roles:read']))).not.toContain('/settings/care');
    expect(paths(reader(['roles:read', 'recipients:read']))).toContain('/settings/care');
  });

  it('are found by whoever proposes what a second person must approve', () => {
    expect(paths(reader(['roles:write']))).toContain('/settings/second-person');
    expect(paths(reader(['messages:send']))).not.toContain('/settings/second-person');
  });
});

describe('a page that an address leads to', () => {
  it('is closed with what is missing, also below the path that stands in the list', () => {
    expect(missingFor(reader(['audit:read']), '/audit/evidence')).toBeNull();
    const one = { permissions: ['audit:read'], any: false };
    expect(missingFor(reader([]), '/audit/evidence')).toEqual(one);
    expect(missingFor(reader(['audit:read']), '/compose')).toEqual({
      permissions: ['messages:send'],
      any: false,
    });
  });

  it('says whether one right would do, or which of two is missing', () => {
    const emergency = { permissions: ['break-glass:use', 'break-glass:review'], any: true };
    expect(missingFor(reader([]), '/settings/emergency-access')).toEqual(emergency);
    const care = { permissions: ['recipients:read'], any: false };
    expect(missingFor(reader(['roles:read']), '/settings/care')).toEqual(care);
  });

  it('is open for what is held of single things where that is enough, and where nothing is needed', () => {
    expect(missingFor(reader([], ['messages:read']), '/messages/0193')).toBeNull();
    expect(missingFor(reader([], ['messages:send']), '/compose')).toBeNull();
    expect(missingFor(reader([], ['messages:read']), '/analyser')).not.toBeNull();
    expect(missingFor(reader([]), '/')).toBeNull();
    expect(missingFor(reader([]), '/nowhere')).toBeNull();
    expect(missingFor(reader([]), '/settings/peoples')).toBeNull();
  });
});
