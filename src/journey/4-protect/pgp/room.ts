/** A bound on how much is in hand at once, so that a few large messages cannot fill the memory. */
export interface Room {
  /** Runs `work` when there is space for `size`; something larger than the whole room runs alone. First come, first served. */
  with<T>(size: number, work: () => Promise<T>): Promise<T>;
}

export function createRoom(limit: number): Room {
  let taken = 0;
  const waiting: { readonly size: number; readonly enter: () => void }[] = [];
  const letIn = (): void => {
    for (let next = waiting[0]; next && taken + next.size <= limit; next = waiting[0]) {
      waiting.shift();
      taken += next.size;
      next.enter();
    }
  };
  return {
    async with(size, work) {
      const wanted = Math.min(size, limit);
      await new Promise<void>((enter) => {
        waiting.push({ size: wanted, enter });
        letIn();
      });
      try {
        return await work();
      } finally {
        taken -= wanted;
        letIn();
      }
    },
  };
}
