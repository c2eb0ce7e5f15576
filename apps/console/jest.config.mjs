import preset from '../../jest.preset.mjs';

export default {
  ...preset,
  displayName: 'console',
  rootDir: import.meta.dirname,
  // Real processes, perhaps on a busy machine: a limit for what hangs, and no measurement.
  testTimeout: 120_000,
};
