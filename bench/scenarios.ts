/**
 * What is measured: the captures of each part, beside whom, and by what they are called. `divisor` says by how much everything
 * is smaller than it should be.
 */

import { type Capture, type MadeCapture, madeCapture, madeFolder } from './capture.ts';
import { type CheckOptions, DATA, type LuaDissector, progress } from './contest.ts';
import { type Loss, uploadCapture } from './filestorage.ts';
import { type HalfOpenShape, halfOpenCapture } from './half-open.ts';
import { ministreamingCapture } from './ministreaming.ts';
import { mnetCapture, mnetFolder } from './mnet.ts';
import { mqttCapture } from './mqtt.ts';
import { count } from './table.ts';

export const PARTS = [
  'mnet',
  'ministreaming',
  'filestorage',
  'mqtt',
  'many',
  'half-open',
  'holes',
  'growth',
  'inspect',
  'pack',
] as const;
export type Part = (typeof PARTS)[number];

/** Of MNET packets, of MQTT PUBLISHes. */
const PACKETS_PER_LIVE_CONNECTION = 10;
const PACKETS_PER_CONNECTION = 10;
const PACKETS_PER_SMALL_CAPTURE = 28;
/** Connections that are alive at the same time, where that is not what is asked. */
export const TOGETHER = 1_000;
/** For the command line: lists every finding and ends with 0. */
export const ALL_FINDINGS = ['--fail-on', 'never', '--limit', 'findings=1000000', '--limit', 'connections=1000000'];

export interface Sizes {
  readonly parts: readonly Part[];
  readonly divisor: number;
}

/** A capture whose speed is measured. */
export interface Race {
  readonly title: string;
  readonly capture: Capture;
  readonly dissector?: LuaDissector;
  /** Takes a minute and more a run: twice at most, and not for the gate. */
  readonly isLong?: boolean;
}

/** A capture whose peak of memory is measured. */
export interface Load {
  readonly title: string;
  readonly connections: number;
  readonly capture: Capture;
}

/** What `check` does alone, on as many cores as there are. */
export interface Solo {
  readonly title: string;
  readonly capture: () => MadeCapture;
  readonly options: CheckOptions;
}

export function racesOf({ parts, divisor }: Sizes): readonly Race[] {
  const packets = 2_800_000 / divisor;
  const mnet = { file: 'mnet.lua', field: 'mnet.sequence' };
  const ministreaming = { file: 'ministreaming.lua', field: 'ministreaming.id' };
  const races: Readonly<Record<Part, readonly Race[]>> = {
    mnet: [1_000, 100_000 / divisor].map(connections => ({
      title: `MNET, ${count(connections)} connections`,
      capture: mnetCapture({ connections, packets, live: false }),
      dissector: mnet,
    })),
    ministreaming: [
      {
        title: 'ministreaming, 1,000 sessions of 4 connections',
        capture: ministreamingCapture({ sessions: 1_000, connectionsEach: 4, packets }),
        dissector: ministreaming,
      },
    ],
    filestorage: [
      { title: 'filestorage over TCP, 1 upload', uploads: 1, files: 50 / divisor },
      { title: 'filestorage over TCP, 100 uploads', uploads: 100, files: 1 },
    ].map(({ title, uploads, files }) => ({
      title,
      capture: uploadCapture({
        uploads,
        atOnce: uploads,
        files,
        chunks: 100_000 / divisor / uploads / files,
        loss: 'none',
      }),
    })),
    mqtt: [
      { kind: 'telemetry', connections: 1_000, publishes: 1_000 / divisor } as const,
      { kind: 'visit', connections: 1_000_000 / divisor, publishes: 1 } as const,
    ].map(shape => ({
      title: `MQTT, ${count(shape.connections)} connections with ${count(shape.publishes)} PUBLISH each`,
      capture: mqttCapture({ ...shape, atOnce: 1_000 }),
      isLong: shape.kind === 'visit',
    })),
    many: [],
    'half-open': [],
    holes: [],
    growth: [],
    inspect: [],
    pack: [],
  };
  return parts.flatMap(part => races[part]);
}

/** Many captures in one run, or one in several threads, and many findings. */
export function solosOf({ parts, divisor }: Sizes): readonly Solo[] {
  if (!parts.includes('many')) return [];
  const packets = 400_000 / divisor;
  const several = mnetFolder(24, { connections: TOGETHER / divisor, packets, live: false });
  const threads = (title: string, capture: () => MadeCapture) =>
    [1, 2].map(jobs => ({
      title,
      capture,
      options: { words: ['--jobs', String(jobs)], name: `wirelint check --jobs ${jobs}` },
    }));
  const [small, findings] = [2_000 / divisor, 30_000 / divisor];
  return [
    ...threads(`MNET, 24 captures of ${count(packets)} packets`, () => madeFolder(DATA, several, progress)),
    ...[2_800_000 / divisor, 10_000_000 / divisor].flatMap(all => {
      const capture = mnetCapture({ connections: TOGETHER, packets: all, live: false });
      return threads(`MNET, one capture of ${count(all)} packets`, () => made(capture));
    }),
    { title: `MNET, ${count(small)} captures of 28 packets`, capture: () => smallCaptures(small), options: {} },
    {
      title: `MNET, ${count(findings)} findings`,
      capture: () => made(faulty(findings)),
      options: { words: ALL_FINDINGS },
    },
  ];
}

export function loadsOf({ parts, divisor }: Sizes): readonly Load[] {
  const halfOpen = (until: HalfOpenShape['until']) =>
    [200_000, 1_000_000].map(size => {
      const connections = size / divisor;
      const title = until === 'SYN' ? 'half-open: SYN and no more' : 'half-open: handshake and no more';
      return { title, connections, capture: halfOpenCapture({ connections, until }) };
    });
  const holes = (loss: Loss) =>
    [20_000, 60_000].map(size => {
      const connections = size / divisor;
      const shape = { uploads: connections, atOnce: 1_000, files: 1, chunks: 4, loss };
      return { title: `uploads with a hole: ${loss}`, connections, capture: uploadCapture(shape) };
    });
  return [
    ...(parts.includes('half-open') ? [...halfOpen('SYN'), ...halfOpen('handshake')] : []),
    ...(parts.includes('holes') ? [...holes('segment'), ...holes('segment, one way')] : []),
  ];
}

export function liveMnet(connections: number): Capture {
  return mnetCapture({ connections, packets: connections * PACKETS_PER_LIVE_CONNECTION, live: true });
}

export function liveMqtt(connections: number): Capture {
  return mqttCapture({ kind: 'live', connections, atOnce: connections, publishes: PACKETS_PER_LIVE_CONNECTION });
}

/** Short connections, all of them or so many alive at the same time. */
export function connectionsOf(connections: number, atOnce: number): Capture {
  const packets = connections * PACKETS_PER_CONNECTION;
  return mnetCapture({ connections, packets, live: false, ...(atOnce < connections && { atOnce }) });
}

/** As many findings as connections, one in each. */
export function faulty(connections: number): Capture {
  const packets = connections * PACKETS_PER_CONNECTION;
  return mnetCapture({ connections, packets, live: false, atOnce: TOGETHER, faulty: true });
}

/** A folder of captures of two connections each. */
export function smallCaptures(captures: number): MadeCapture {
  const shape = { connections: 2, packets: PACKETS_PER_SMALL_CAPTURE, live: false };
  return madeFolder(DATA, mnetFolder(captures, shape), progress);
}

export function made(capture: Capture): MadeCapture {
  return madeCapture(DATA, capture, progress);
}
