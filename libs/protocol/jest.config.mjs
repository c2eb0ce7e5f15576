import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'protocol', rootDir: import.meta.dirname };
