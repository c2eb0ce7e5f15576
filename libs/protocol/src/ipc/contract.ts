/** How a service between our own processes is described: the server implements a contract, the client is derived from it. */
import { z } from 'zod';

export interface MethodShape {
  readonly request: z.ZodType;
  readonly reply: z.ZodType;
}

/**
 * One service: its methods, and its events as a union discriminated by `event`.
 * The snapshot of a service is a list of the same events: applied to nothing, they build its current state.
 */
export interface ServiceContract {
  readonly name: ServiceName;
  readonly methods: Readonly<Record<string, MethodShape>>;
  readonly event: z.ZodType<{ event: string }>;
}

export const SERVICE_NAMES = ['discovery', 'messenger', 'logserver', 'console'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** Answered by every service (libs/ipc adds it): it is there, since when, and which ports it really holds. */
export const healthReply = z.object({
  service: z.enum(SERVICE_NAMES),
  pid: z.int().positive(),
  uptimeMs: z.number().nonnegative(),
  version: z.string(),
  /** By purpose: `tcp`, `http`, `discovery`. */
  ports: z.record(z.string(), z.int().min(1).max(65535)),
});
export type Health = z.infer<typeof healthReply>;

/** Keeps the literal types of a contract. */
export function defineService<const C extends ServiceContract>(contract: C): C {
  return contract;
}

export type MethodName<C extends ServiceContract> = keyof C['methods'] & string;
export type RequestOf<C extends ServiceContract, M extends MethodName<C>> = z.input<C['methods'][M]['request']>;
export type ParsedRequestOf<C extends ServiceContract, M extends MethodName<C>> = z.output<C['methods'][M]['request']>;
export type ReplyOf<C extends ServiceContract, M extends MethodName<C>> = z.output<C['methods'][M]['reply']>;
export type EventOf<C extends ServiceContract> = z.output<C['event']>;
