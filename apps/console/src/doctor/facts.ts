/** What `earshot doctor` looks at, gathered by the files beside this one and judged by findings.ts. */
import type { HeardTimes, MessengerContract, Reached, ReplyOf, ServiceName, Trust } from '@earshot/protocol/ipc';
import type { Firewall } from './firewall.js';
import type { Platform } from './platform.js';

export interface InterfaceFacts {
  readonly name: string;
  readonly ip: string;
  /** Null where it is used. */
  readonly skipped: 'setting' | 'link-local' | 'virtual' | null;
  /** When something was last sent on it. */
  readonly lastSent: string | null;
  /** Whether our own announcements come back. */
  readonly hearsItself: boolean;
  /** errno name of the last failure, by way. */
  readonly errors: Readonly<Record<string, string>>;
  /** What came of a connection to our own TCP port at this address. */
  readonly tcp: Reached;
}

export interface PortFacts {
  readonly port: number;
  readonly state: 'ours' | 'taken' | 'free';
  /** Who holds a taken one, where the system tells. */
  readonly by: { readonly pid: number; readonly name: string } | null;
}

export type Way = keyof HeardTimes;
/** Seconds since somebody was last heard, by way. */
export type Ages = Readonly<Partial<Record<Way, number>>>;

export interface PeerFacts {
  readonly id: string;
  readonly username: string;
  readonly trust: Trust;
  readonly online: boolean;
  readonly lastSeen: string;
  /** Where it is heard or was proved, newest first. */
  readonly addresses: readonly string[];
  /** One of those lies in a subnet of this machine. */
  readonly near: boolean;
  readonly heardBy: Ages;
  readonly reached: ReplyOf<MessengerContract, 'examine'>['reached'];
  readonly probe: ReplyOf<MessengerContract, 'examine'>['probe'];
  readonly report: { readonly tcp: Reached; readonly heardBy: Ages } | null;
}

export interface Facts {
  readonly platform: Platform;
  readonly down: readonly ServiceName[];
  /** Null while there is no name, undefined where nobody could be asked. */
  readonly username: string | null | undefined;
  /** Empty where discovery is not there to tell. */
  readonly interfaces: readonly InterfaceFacts[];
  readonly ports: Readonly<Record<'discovery' | 'tcp' | 'http', PortFacts>>;
  readonly firewall: Firewall;
  /** People on other machines who are online; undefined where nobody could be asked. */
  readonly others: number | undefined;
  /** Who was asked about; as it was typed, where nobody goes by it. */
  readonly peer: PeerFacts | { readonly unknown: string } | null;
}
