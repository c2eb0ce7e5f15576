/**
 * The id of a new message: a UUID of version 7 (RFC 9562 §5.7), 48 bits of Unix milliseconds and 74 random ones. Ids that
 * begin alike lie side by side in the index of every history that holds them, and hundreds of messages then cost a few
 * pages instead of one each. The time says nothing that the message does not say itself; only uniqueness is relied on.
 *
 * @param nowMs the wall clock; a wrong one costs the neighbourhood and nothing else
 */
export function newMessageId(nowMs: number): string {
  const time = Math.max(0, nowMs).toString(16).padStart(12, '0').slice(-12);
  // Behind the version digit a random UUID is made as this one is.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}
