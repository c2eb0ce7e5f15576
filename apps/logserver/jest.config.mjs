import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'logserver', rootDir: import.meta.dirname };
