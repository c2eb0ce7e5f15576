import preset from '../../jest.preset.mjs';

export default {
  ...preset,
  displayName: 'discovery',
  rootDir: import.meta.dirname,
  // Tests with sockets wait for what they expect; the limit only ends one that failed, on however busy a machine.
  testTimeout: 60_000,
};
