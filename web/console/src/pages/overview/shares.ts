interface Counted<Name> {
  readonly method: Name;
  readonly count: number;
}

/** Bars of the chart, largest first: share of all in whole per cent, and length against the largest. */
export function shares<Name>(methods: readonly Counted<Name>[]) {
  const used = methods.filter((one) => one.count > 0).sort((a, b) => b.count - a.count);
  const total = used.reduce((sum, one) => sum + one.count, 0);
  const largest = used[0]?.count ?? 1;
  return used.map((one) => ({
    method: one.method,
    count: one.count,
    share: Math.round((one.count / total) * 100),
    ofLargest: (one.count / largest) * 100,
  }));
}
