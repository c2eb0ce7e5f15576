import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'architecture', rootDir: import.meta.dirname, testTimeout: 60_000 };
