import preset from '../../jest.preset.mjs';

export default {
  ...preset,
  displayName: 'e2e',
  rootDir: import.meta.dirname,
  // Each test has several people's processes: one test file at a time is as much as a small machine carries.
  maxWorkers: 1,
  testTimeout: 180_000,
};
