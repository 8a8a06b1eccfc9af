/** Brokers on the loopback, each with two listeners, one of them with TLS, and with nothing left of an earlier one. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort, type Programs, printedBy, until } from './programs.ts';
import type { Workshop } from './workshop.ts';

export type Version = '3.1.1' | '5.0';

export interface BrokerKind {
  /** As the table calls it: `mosquitto 2.0.11`. */
  readonly name: string;
  readonly versions: readonly Version[];
  /** Resolves when it listens. */
  start(programs: Programs): Promise<Broker>;
}

export interface Broker {
  readonly ports: Readonly<Record<'tcp' | 'tls', number>>;
  stop(): Promise<void>;
}

/** A program that cannot be had here, and why. */
export interface Absent {
  readonly name: string;
  readonly reason: string;
}

export function mosquitto(workshop: Workshop): BrokerKind | Absent {
  // Debian installs it where only root looks.
  const program = ['mosquitto', '/usr/sbin/mosquitto'].find(name => printedBy(name, ['-h']) !== undefined);
  if (program === undefined) return { name: 'mosquitto', reason: 'not installed (apt-get install mosquitto)' };
  const [, version = ''] = /mosquitto version (\S+)/.exec(printedBy(program, ['-h']) ?? '') ?? [];
  return {
    name: `mosquitto ${version}`,
    versions: ['3.1.1', '5.0'],
    async start(programs) {
      const folder = mkdtempSync(join(workshop.folder, 'mosquitto-'));
      const ports = { tcp: await freePort(), tls: await freePort() };
      const { cert, key } = workshop.certificates;
      const settings = [
        // Started by root it would become a user that cannot write here.
        'user root',
        'allow_anonymous true',
        'persistence true',
        `persistence_location ${folder}/`,
        `listener ${ports.tcp} 127.0.0.1`,
        `listener ${ports.tls} 127.0.0.1`,
        `certfile ${cert}`,
        `keyfile ${key}`,
      ];
      const file = join(folder, 'mosquitto.conf');
      writeFileSync(file, `${settings.join('\n')}\n`);
      return started(programs, [program, '-c', file], ports);
    },
  };
}

export function aedes(workshop: Workshop): BrokerKind | Absent {
  const { packages } = workshop;
  if (typeof packages === 'string') return { name: 'aedes', reason: packages };
  return {
    name: `aedes ${packages.aedes}`,
    versions: ['3.1.1'],
    async start(programs) {
      const ports = { tcp: await freePort(), tls: await freePort() };
      const { cert, key } = workshop.certificates;
      const script = workshop.script('aedes.mjs');
      return started(programs, [process.execPath, script, String(ports.tcp), String(ports.tls), cert, key], ports);
    },
  };
}

async function started(programs: Programs, command: readonly string[], ports: Broker['ports']): Promise<Broker> {
  const [program, ...args] = command;
  const { child, outcome } = programs.start(program, args, { seconds: 120 });
  let ended = '';
  void outcome.then(({ code, stderr }) => {
    ended = `${program} ended with ${code}: ${stderr}`;
  });
  for (const port of Object.values(ports)) {
    await until(`${program} to listen`, () => {
      if (ended) throw new Error(ended);
      return isListening(port);
    });
  }
  return {
    ports,
    async stop() {
      child.kill('SIGTERM');
      const killed = setTimeout(() => child.kill('SIGKILL'), 3_000);
      await outcome;
      clearTimeout(killed);
    },
  };
}

function isListening(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
