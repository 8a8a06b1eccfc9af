/**
 * Programs that some tests compare us with, tshark and its family, run us in, tmux, or have us stand between, curl or mosquitto.
 * Where one is missing the test says so in a line and returns early; it is part of no build.
 */

import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const DEBIAN_PACKAGES: Readonly<Record<string, string>> = {
  tshark: 'tshark',
  capinfos: 'wireshark-common',
  editcap: 'wireshark-common',
  mergecap: 'wireshark-common',
  text2pcap: 'wireshark-common',
  tcpdump: 'tcpdump',
  mkfifo: 'coreutils',
  tmux: 'tmux',
  zsh: 'zsh',
  fish: 'fish',
  python3: 'python3',
  curl: 'curl',
  nc: 'netcat-openbsd',
  openssl: 'openssl',
  socat: 'socat',
  chromium: 'chromium',
  mosquitto: 'mosquitto',
  'redis-server': 'redis-server',
  mosquitto_pub: 'mosquitto-clients',
  mosquitto_sub: 'mosquitto-clients',
};

const MAX_OUTPUT = 256 * 1024 * 1024;

/** Whether `program` can be run here; when it cannot, prints how to get it. */
export function requireTool(program: string): boolean {
  if (isOnPath(program)) return true;
  console.log(`skipped: ${program} is not installed (apt-get install ${DEBIAN_PACKAGES[program] ?? program})`);
  return false;
}

/** Runs a program to its end and returns what it printed; throws with its exit code and complaint if it fails. */
export function runTool(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', maxBuffer: MAX_OUTPUT, stdio: ['ignore', 'pipe', 'pipe'] });
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some(folder => isExecutable(join(folder, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
