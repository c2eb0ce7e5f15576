/** What only a long-running process needs: its life from start to stop, its log, and the lock that keeps it alone. */
export { main, type ServiceContext } from './main.js';
export { run, type Part, type RunOptions } from './run.js';
export { type ProcessLog } from './log.js';
export { type LogFields, type Logger } from './log-fields.js';
export { type InstanceLock } from './instance-lock.js';
export { Tally } from './tally.js';
