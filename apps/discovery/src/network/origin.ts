import { type Interface, interfaceFor } from './interfaces.js';
import { isHostAddress, isLoopback } from './ipv4.js';

/** How an announcement reached us, judged from its UDP source and the address it signed. */
export interface Origin {
  /** Name of our interface; the loopback one's for another profile on this machine; '' where that cannot be told. */
  readonly interface: string;
  /** The signed address may be dialled on the strength of this datagram (protocol-design §8). */
  readonly dialable: boolean;
  /** Signed by whoever sent it, but from no subnet of ours: may be dialled for the sake of an accepted peer alone. */
  readonly beyond: boolean;
  /**
   * Another local profile passed it on to us: from loopback, about somebody who is not on loopback. The sender's port is
   * then our neighbour's, not the announcer's.
   */
  readonly passedOn: boolean;
}

/** What came over IPv6 says nothing of the IPv4 address that it names: it is heard on a link, and leads to no dial. */
export function originOnLink(source: string): Origin {
  return { interface: source.slice(source.indexOf('%') + 1), dialable: false, beyond: false, passedOn: false };
}

/** Below are the services of the system, which nobody may aim us at. */
const FIRST_UNPRIVILEGED_PORT = 1024;
/** Where machines in a cloud ask for their secrets. */
const METADATA_SERVICE = '169.254.169.254';

/**
 * An announcer may only name itself: signed address and UDP source must be the same, and in a subnet of ours, or it could
 * aim the whole network at a victim. Loopback is itself only when the datagram came over loopback. A UDP source from
 * beyond is easily made up: it counts where it is somebody whom the user accepted.
 */
export function originOf(
  { source, via }: { readonly source: string; readonly via: string },
  signed: { readonly ip: string; readonly port: number },
  interfaces: readonly Interface[],
): Origin {
  const on = interfaceFor(source, interfaces);
  const loopback = interfaces.find((one) => one.loopback);
  const ownAddress = on?.ip === source;
  const itself = signed.ip === source && signed.port >= FIRST_UNPRIVILEGED_PORT;
  return {
    interface: (ownAddress ? (loopback ?? on) : on)?.name ?? via,
    dialable: itself && on !== undefined && source !== on.broadcast,
    beyond: itself && on === undefined && isHostAddress(source) && source !== METADATA_SERVICE,
    passedOn: isLoopback(source) && !isLoopback(signed.ip),
  };
}
