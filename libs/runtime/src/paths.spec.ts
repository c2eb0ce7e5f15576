import { ConfigError } from './config-error.js';
import { dataFolder, supervisedName, type Machine } from './paths.js';

const linux: Machine = { platform: 'linux', homedir: '/homes/anna', tmpdir: '/tmp', uid: 1000 };
const mac: Machine = { platform: 'darwin', homedir: '/people/anna', tmpdir: '/var/folders/xy/T', uid: 501 };
const windows: Machine = {
  platform: 'win32',
  homedir: 'C:\\People\\anna',
  tmpdir: 'C:\\People\\anna\\AppData\\Local\\Temp',
  uid: undefined,
};

describe('the data folder', () => {
  it.each([
    ['Linux', linux, {}, '/homes/anna/.local/share/earshot/default'],
    ['XDG_DATA_HOME', linux, { XDG_DATA_HOME: '/data' }, '/data/earshot/default'],
    [
      'a relative XDG_DATA_HOME, which counts as unset',
      linux,
      { XDG_DATA_HOME: 'data' },
      '/homes/anna/.local/share/earshot/default',
    ],
    ['a profile', linux, { EARSHOT_PROFILE: 'Anna-2_b' }, '/homes/anna/.local/share/earshot/Anna-2_b'],
    ['EARSHOT_HOME', linux, { EARSHOT_HOME: '/srv/chat', EARSHOT_PROFILE: 'anna' }, '/srv/chat'],
    ['EARSHOT_HOME in another spelling', linux, { EARSHOT_HOME: '/srv//x/../chat/' }, '/srv/chat'],
    [
      'empty variables, which count as unset',
      linux,
      { EARSHOT_HOME: '', EARSHOT_PROFILE: '' },
      '/homes/anna/.local/share/earshot/default',
    ],
    ['macOS', mac, { XDG_DATA_HOME: '/data' }, '/people/anna/Library/Application Support/earshot/default'],
    ['Windows', windows, {}, 'C:\\People\\anna\\AppData\\Local\\earshot\\default'],
    ['LOCALAPPDATA', windows, { LOCALAPPDATA: 'D:\\Local' }, 'D:\\Local\\earshot\\default'],
  ])('follows %s', (_, machine, env, home) => {
    expect(dataFolder(env, machine).home).toBe(home);
  });

  it('holds everything else', () => {
    expect(dataFolder({ EARSHOT_HOME: '/srv/chat' }, linux)).toEqual({
      profile: 'default',
      home: '/srv/chat',
      config: '/srv/chat/config.json',
      identity: '/srv/chat/identity.key',
      history: '/srv/chat/history.db',
      httpToken: '/srv/chat/http-token',
      logs: '/srv/chat/logs',
      locks: '/srv/chat/locks',
      sockets: '/srv/chat/ipc',
    });
  });

  it.each([
    ['EARSHOT_PROFILE', '../anna'],
    ['EARSHOT_PROFILE', '-anna'],
    ['EARSHOT_PROFILE', 'a'.repeat(33)],
    ['EARSHOT_PROFILE', 'anna\n'],
    ['EARSHOT_PROFILE', 'änna'],
    ['EARSHOT_HOME', 'chat'],
    ['EARSHOT_HOME', '~/chat'],
  ])('refuses %s=%j', (variable, value) => {
    expect(() => dataFolder({ [variable]: value }, linux)).toThrow(ConfigError);
    expect(() => dataFolder({ [variable]: value }, linux)).toThrow(
      new RegExp(`^${variable} must be .*, for example ${variable}=`),
    );
  });
});

describe('the sockets folder', () => {
  /** A data folder whose socket paths have this many bytes. */
  const homeFor = (bytes: number): string => '/' + 'x'.repeat(bytes - '//ipc/messenger.events'.length);

  it('is in the data folder as long as socket paths have at most 107 bytes', () => {
    const home = homeFor(107);
    const { sockets } = dataFolder({ EARSHOT_HOME: home }, linux);
    expect(sockets).toBe(`${home}/ipc`);
    expect(`${sockets}/messenger.events`).toHaveLength(107);
  });

  it('is a short one, drawn from the data folder, from 108 bytes on', () => {
    const home = homeFor(108);
    const { sockets, locks } = dataFolder({ EARSHOT_HOME: home }, linux);
    expect(sockets).toMatch(/^\/tmp\/earshot-1000-[0-9a-f]{12}$/);
    expect(dataFolder({ EARSHOT_HOME: `${home}/` }, linux).sockets).toBe(sockets);
    expect(dataFolder({ EARSHOT_HOME: `${home}x` }, linux).sockets).not.toBe(sockets);
    // Two environments with two temporary folders still meet at the locks.
    expect(locks).toBe(`${home}/locks`);
  });

  it('counts bytes, not characters', () => {
    const home = homeFor(107).slice(0, -1) + 'é';
    expect(dataFolder({ EARSHOT_HOME: home }, linux).sockets).toMatch(/^\/tmp\//);
  });

  it('is in the runtime folder if there is one that is absolute and short', () => {
    const socketsWith = (runtime: string): string =>
      dataFolder({ EARSHOT_HOME: homeFor(120), XDG_RUNTIME_DIR: runtime }, linux).sockets;
    expect(socketsWith('/run/user/1000')).toMatch(/^\/run\/user\/1000\/earshot-1000-[0-9a-f]{12}$/);
    expect(socketsWith('run')).toMatch(/^\/tmp\//);
    expect(socketsWith('/' + 'r'.repeat(90))).toMatch(/^\/tmp\//);
  });

  it('keeps to the 103 bytes of other systems there', () => {
    expect(dataFolder({ EARSHOT_HOME: homeFor(103) }, mac).sockets).toBe(`${homeFor(103)}/ipc`);
    expect(dataFolder({ EARSHOT_HOME: homeFor(104) }, mac).sockets).toMatch(/^\/var\/folders\/xy\/T\/earshot-501-/);
  });

  it('is refused when no place is short enough', () => {
    const machine = { ...linux, tmpdir: '/' + 't'.repeat(90) };
    expect(() => dataFolder({ EARSHOT_HOME: homeFor(108) }, machine)).toThrow(
      /too long for Unix sockets.*set EARSHOT_HOME to a shorter path/,
    );
  });
});

describe('names under pm2', () => {
  it('are plain for the default profile and carry the name of any other', () => {
    expect(supervisedName('default', 'messenger')).toBe('messenger');
    expect(supervisedName('anna', 'messenger')).toBe('anna-messenger');
  });
});
