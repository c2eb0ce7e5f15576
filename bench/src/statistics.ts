/** The value below which `share` (0 to 1) of the samples lie, by the nearest rank: always one of the samples. */
export function percentile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new Error('bug: no samples');
  const sorted = [...samples].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? NaN;
}

/** With an even number of samples the lower of the two in the middle. */
export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}
