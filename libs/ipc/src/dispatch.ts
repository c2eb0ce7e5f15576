/** From the bytes of a request to its reply (ipc-v1.md §4). Knows no socket. */
import { IPC_MAX_BYTES, IpcError, type IpcErrorCode } from '@earshot/protocol';
import type { z } from 'zod';
import { answerableFrame, parseFrame, requestFrame, type ReplyFrame, type RequestFrame } from './frames.js';

export interface Method {
  readonly request: z.ZodType;
  handle(params: unknown): unknown;
}

/** Told of what a handler threw, other than an IpcError, and of replies that are too large: mistakes of ours, for the log. */
export type OnError = (err: unknown, method: string) => void;

/** The text of the reply; undefined where none is due. */
export async function answer(
  methods: ReadonlyMap<string, Method>,
  bytes: Buffer,
  nowMs: number,
  onError: OnError,
): Promise<string | undefined> {
  const request = parseFrame(requestFrame, bytes);
  if (request === undefined) {
    const id = parseFrame(answerableFrame, bytes)?.id;
    return id === undefined ? undefined : JSON.stringify(refusal(id, 'bad-request', 'frame'));
  }
  // Its caller has been told that it failed: it must not happen now.
  if (nowMs > request.deadlineMs) return undefined;

  const reply = JSON.stringify(await run(methods, request, onError));
  const bytesOut = Buffer.byteLength(reply);
  if (bytesOut <= IPC_MAX_BYTES) return reply;
  onError(new Error(`bug: a reply of ${bytesOut} bytes`), request.method);
  return JSON.stringify(refusal(request.id, 'internal'));
}

async function run(
  methods: ReadonlyMap<string, Method>,
  { id, method: name, params }: RequestFrame,
  onError: OnError,
): Promise<ReplyFrame> {
  const method = methods.get(name);
  if (method === undefined) return refusal(id, 'unknown-method');
  const parsed = method.request.safeParse(params);
  // Where it is wrong, not what was there: values may be what people wrote.
  if (!parsed.success) return refusal(id, 'bad-request', parsed.error.issues[0]?.path.join('.'));
  try {
    return { id, ok: true, result: await method.handle(parsed.data) };
  } catch (err) {
    if (err instanceof IpcError) return refusal(id, err.code, err.detail);
    onError(err, name);
    return refusal(id, 'internal');
  }
}

function refusal(id: number, code: IpcErrorCode, detail = ''): ReplyFrame {
  return { id, ok: false, error: { code, detail } };
}
