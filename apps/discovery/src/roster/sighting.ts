/** What came in, as the roster needs it: an announcement that says who, and an arrival that says how and when. */
import type { HeardBy } from '@earshot/protocol/ipc';

/** An announcement whose signature was verified. */
export interface SignedSighting {
  readonly id: string;
  readonly username: string;
  /** 16 hex digits, new whenever the announcer's discovery starts. */
  readonly instance: string;
  readonly counter: number;
  readonly goodbye: boolean;
  readonly maxVersion: number;
  readonly busy: boolean;
  readonly status: string;
  /** The address that it signed. */
  readonly ip: string;
  readonly port: number;
  /** Blob and signature, where they may be passed on. */
  readonly earshot?: string;
}

/** The original program's announcement: anybody can send one about anybody. */
export interface LegacySighting {
  readonly username: string;
  readonly port: number;
}

export interface Arrival {
  /** UDP source. */
  readonly source: string;
  /** Our interface, `lo` for another profile here, '' where that cannot be told. */
  readonly interface: string;
  readonly dialable: boolean;
  readonly by: HeardBy;
  /** Dialable for the sake of an accepted peer. */
  readonly beyond: boolean;
}

/** One moment, by both clocks: ages follow the first, which never jumps; people see the second. */
export interface Moment {
  /** Milliseconds, any origin, never backwards. */
  readonly ms: number;
  /** ISO 8601. */
  readonly iso: string;
}
