/** The JSON in the frames (ipc-v1.md §3): what is around the parameters, results and events of a contract. Pure. */
import { isUtf8 } from 'node:buffer';
import { IPC_ERROR_CODES, type IpcErrorCode } from '@earshot/protocol';
import { z } from 'zod';

const requestId = z.int().nonnegative();

export const requestFrame = z.object({
  id: requestId,
  method: z.string(),
  /** By the machine's monotonic clock (machine-clock.ts): absolute, since a request may wait in a queue before anybody could start to count. */
  deadlineMs: z.number(),
  params: z.unknown().optional(),
});
export type RequestFrame = z.infer<typeof requestFrame>;

/** A request that can be answered, if only with a refusal. */
export const answerableFrame = z.object({ id: requestId });

export const replyFrame = z.discriminatedUnion('ok', [
  z.object({ id: requestId, ok: z.literal(true), result: z.unknown().optional() }),
  z.object({
    id: requestId,
    ok: z.literal(false),
    // A code that a newer service knows and we do not is still a failure.
    error: z.object({ code: z.string().pipe(z.enum(IPC_ERROR_CODES).catch('internal')), detail: z.string() }),
  }),
]);
export type ReplyFrame =
  { id: number; ok: true; result?: unknown } | { id: number; ok: false; error: { code: IpcErrorCode; detail: string } };

/** Names one start of a service. */
export const instanceId = z.string().regex(/^[0-9a-f]{16}$/);

export const eventFrame = z.object({
  instance: instanceId,
  /** 1 for the first event of an instance, then one more for each. */
  sequence: z.int().positive(),
  event: z.unknown().optional(),
});
export type EventFrame = z.infer<typeof eventFrame>;

/** Undefined for whatever is not UTF-8, not JSON or of another shape: the receiver ignores it. */
export function parseFrame<T>(schema: z.ZodType<T>, bytes: Buffer): T | undefined {
  const json = isUtf8(bytes) ? parseJson(bytes.toString()) : undefined;
  return schema.safeParse(json).data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
