import { type Interface, interfaceFor } from './interfaces.js';
import { isLoopback } from './ipv4.js';

/** How an announcement reached us, judged from its UDP source and the address it signed. */
export interface Origin {
  /** Name of our interface; the loopback one's for another profile on this machine; '' where it came from beyond. */
  readonly interface: string;
  /** The signed address may be dialled on the strength of this datagram (protocol-design §8). */
  readonly dialable: boolean;
  /**
   * Another local profile passed it on to us: from loopback, about somebody who is not on loopback. The sender's port is
   * then our neighbour's, not the announcer's.
   */
  readonly passedOn: boolean;
}

/** Below are the services of the system, which nobody may aim us at. */
const FIRST_UNPRIVILEGED_PORT = 1024;

/**
 * An announcer may only name itself: signed address and UDP source must be the same, and in a subnet of ours, or it could
 * aim the whole network at a victim. Loopback is itself only when the datagram came over loopback.
 */
export function originOf(
  source: string,
  signed: { readonly ip: string; readonly port: number },
  interfaces: readonly Interface[],
): Origin {
  const on = interfaceFor(source, interfaces);
  const loopback = interfaces.find((one) => one.loopback);
  const ownAddress = on?.ip === source;
  return {
    interface: (ownAddress ? (loopback ?? on) : on)?.name ?? '',
    dialable:
      on !== undefined && signed.ip === source && source !== on.broadcast && signed.port >= FIRST_UNPRIVILEGED_PORT,
    passedOn: isLoopback(source) && !isLoopback(signed.ip),
  };
}
