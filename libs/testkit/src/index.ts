/** For tests only: real processes in folders and network namespaces of their own, waiting without sleeping blindly, a clock and random numbers that repeat. */
export { until } from './until.js';
export { FakeClock } from './fake-clock.js';
export { SeededRandom } from './seeded-random.js';
export { temporaryFolder, type TemporaryFolder } from './temporary-folder.js';
export { freeUdpPort } from './free-ports.js';
export { Host, thisMachine, type CommandOptions, type CommandResult } from './host.js';
export type { BackgroundCommand } from './background-command.js';
export { Lab } from './lab/lab.js';
export { LAB_PORT, SCENARIOS, type Scenario, type ScenarioName, type Scene } from './lab/scenarios.js';
export type { LabHost } from './lab/lab-host.js';
export type { Network } from './lab/network.js';
export type { Capture } from './capture.js';
export { EarshotNode, type CommandOutcome, type NodeOptions } from './earshot-node.js';
export type { Pm2Process } from './pm2-supervisor.js';
export { APPS, repositoryRoot, type AppName } from './repository.js';
