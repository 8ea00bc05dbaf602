/** Where a network address is, by a database that the operator holds. */
export interface Place {
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country: string;
  /** Degrees; null where the database knows countries alone. */
  readonly lat: number | null;
  readonly lon: number | null;
}

/** Null where the address is not known. Answers from memory, in microseconds. */
export type PlaceOf = (address: string) => Place | null;
