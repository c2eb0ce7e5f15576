import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'messenger', testTimeout: 60_000, rootDir: import.meta.dirname };
