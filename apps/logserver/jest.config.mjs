import preset from '../../jest.preset.mjs';

// Real servers and real processes: the limit ends a test that hangs, it measures nothing.
export default { ...preset, displayName: 'logserver', rootDir: import.meta.dirname, testTimeout: 60_000 };
