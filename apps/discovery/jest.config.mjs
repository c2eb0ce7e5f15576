import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'discovery', rootDir: import.meta.dirname };
