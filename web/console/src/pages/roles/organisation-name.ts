import type { Session } from '../../api-types.ts';

/** The name of an organisation where the reader works there too; others are not told. */
export function organisationName(
  id: string | null,
  known: Session['organisations'] | undefined,
): string | undefined {
  return known?.find((one) => one.id === id)?.name;
}
