/**
 * What a process of ours says by exiting. Scripts and the supervisor rely on it: ecosystem.config.js lists the codes
 * that must not be answered with a restart.
 */
export const EXIT = {
  ok: 0,
  /** It failed, was rejected, or crashed: the supervisor starts it again. */
  failed: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** Nobody, or more than one, goes by that name. */
  unknownPeer: 3,
  /** A service is not running; for `send`, the message is certainly not queued. */
  notRunning: 4,
  /** The time is over; what was queued stays queued. */
  timedOut: 5,
  /** There is no username yet. */
  notRegistered: 6,
  /** No restart will cure this (EX_CONFIG of sysexits.h): a wrong setting, a taken port, a second instance. */
  misconfigured: 78,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
