/** Asks until the answer is there, at most `milliseconds`; then fails with what it waited for. */
export async function until<Found>(
  what: string,
  ask: () => Promise<Found | null | undefined | false>,
  milliseconds = 30_000,
): Promise<Found> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const found = await ask();
    if (found !== null && found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
