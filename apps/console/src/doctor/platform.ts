/** What kind of machine this is, as far as it decides who can reach it. */
import { existsSync, readFileSync } from 'node:fs';

export interface Platform {
  readonly system: NodeJS.Platform;
  readonly wsl: boolean;
  readonly container: boolean;
}

/** Made by Docker and by Podman in every container. */
const CONTAINER_MARKS = ['/.dockerenv', '/run/.containerenv'];

export function thisPlatform(): Platform {
  return platformOf(process.platform, readOr, existsSync);
}

/** @param read a file's text, '' where there is none */
export function platformOf(
  system: NodeJS.Platform,
  read: (path: string) => string,
  exists: (path: string) => boolean,
): Platform {
  if (system !== 'linux') return { system, wsl: false, container: false };
  return {
    system,
    // "Linux version 5.15.90.1-microsoft-standard-WSL2 ..."
    wsl: /microsoft/i.test(read('/proc/version')),
    container: CONTAINER_MARKS.some(exists) || /docker|containerd|kubepods|lxc|libpod/.test(read('/proc/1/cgroup')),
  };
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
