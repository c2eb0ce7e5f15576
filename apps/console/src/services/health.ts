/** Which services answer, and what they say of themselves. */
import { createClient } from '@earshot/ipc';
import { IpcError } from '@earshot/protocol';
import {
  consoleContract,
  discoveryContract,
  logserverContract,
  messengerContract,
  SERVICE_NAMES,
  type Health,
  type ServiceContract,
  type ServiceName,
} from '@earshot/protocol/ipc';
import type { DataFolder } from '@earshot/runtime';

const CONTRACTS: Readonly<Record<ServiceName, ServiceContract>> = {
  discovery: discoveryContract,
  messenger: messengerContract,
  logserver: logserverContract,
  console: consoleContract,
};
const DEADLINE_MS = 2_000;

export interface Status {
  readonly services: Readonly<
    Record<ServiceName, { readonly up: boolean; readonly pid: number | null; readonly uptimeMs: number | null }>
  >;
  /** Null for what nobody holds. */
  readonly ports: Readonly<Record<'tcp' | 'http' | 'discovery', number | null>>;
}

/** Undefined when the service does not answer. */
export async function healthOf(service: ServiceName, { sockets }: DataFolder): Promise<Health | undefined> {
  const client = createClient(CONTRACTS[service], { directory: sockets, deadlineMs: DEADLINE_MS });
  try {
    return await client.health();
  } catch (error) {
    if (error instanceof IpcError) return undefined;
    throw error;
  } finally {
    client.close();
  }
}

export async function statusOf(paths: DataFolder): Promise<Status> {
  const healths = await Promise.all(SERVICE_NAMES.map((service) => healthOf(service, paths)));
  const entries = SERVICE_NAMES.map((name, i) => {
    const health = healths[i];
    return [name, { up: health !== undefined, pid: health?.pid ?? null, uptimeMs: health?.uptimeMs ?? null }] as const;
  });
  const held = Object.assign({}, ...healths.map((health) => health?.ports)) as Record<string, number | undefined>;
  return {
    services: Object.fromEntries(entries) as Status['services'],
    ports: { tcp: held['tcp'] ?? null, http: held['http'] ?? null, discovery: held['discovery'] ?? null },
  };
}

export function servicesDown({ services }: Status): ServiceName[] {
  return SERVICE_NAMES.filter((name) => !services[name].up);
}
