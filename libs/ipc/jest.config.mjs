import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'ipc', rootDir: import.meta.dirname };
