import preset from '../../jest.preset.mjs';

export default {
  ...preset,
  displayName: 'testkit',
  rootDir: import.meta.dirname,
  // A lab makes namespaces, and starts programs in them, by the dozen.
  testTimeout: 60_000,
};
