import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'messenger', rootDir: import.meta.dirname };
