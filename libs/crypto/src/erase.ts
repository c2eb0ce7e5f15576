/**
 * Overwrites secrets with zeros. Best effort: the engine may have moved copies about, and KeyObjects cannot be
 * overwritten from here, only dropped (wire-v1 §4 says what is erased when).
 */
export function erase(...buffers: readonly Uint8Array[]): void {
  for (const buffer of buffers) buffer.fill(0);
}
