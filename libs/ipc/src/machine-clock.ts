/**
 * Whole milliseconds of the machine's monotonic clock: all its processes read the same, and nobody can set it. By the wall clock,
 * a time server that moves it between a request and its service would let the request run out unanswered, or run too late.
 * Not `performance.now()`, which counts from the start of each process.
 */
export function machineNow(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
