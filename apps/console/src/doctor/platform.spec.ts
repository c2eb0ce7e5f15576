import { platformOf } from './platform.js';

const on = (files: Record<string, string>, system: NodeJS.Platform = 'linux') =>
  platformOf(
    system,
    (path) => files[path] ?? '',
    (path) => path in files,
  );

it.each<[string, Record<string, string>, object]>([
  [
    'a plain Linux',
    { '/proc/version': 'Linux version 6.1.0 (gcc 12)', '/proc/1/cgroup': '0::/init.scope' },
    { wsl: false, container: false },
  ],
  ['WSL2', { '/proc/version': 'Linux version 5.15.90.1-microsoft-standard-WSL2' }, { wsl: true, container: false }],
  ['Docker', { '/.dockerenv': '' }, { wsl: false, container: true }],
  ['Podman', { '/run/.containerenv': '' }, { wsl: false, container: true }],
  ['a pod', { '/proc/1/cgroup': '0::/kubepods/besteffort/pod1' }, { wsl: false, container: true }],
])('knows %s', (_what, files, expected) => {
  expect(on(files)).toEqual({ system: 'linux', ...expected });
});

it('looks for none of it elsewhere', () => {
  expect(on({ '/.dockerenv': '' }, 'darwin')).toEqual({ system: 'darwin', wsl: false, container: false });
});
