/** Runs the engine over conversations that a test writes down, without a capture file between them. */

import type { CaptureFacts, Frame } from '../capture/source.ts';
import { Engine } from '../engine.ts';
import { DEFAULT_LIMITS, type Limits } from '../protocol/limits.ts';
import type { AnyProtocol, SeenMessage } from '../protocol/protocol.ts';
import type { RunReport } from '../report/run-report.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '../run/options.ts';
import { hex } from './bytes.ts';
import { frameOf, udpFrame } from './packet.ts';

/** `['10.0.0.1:1000 > 10.0.0.2:2000', '00beef']`; a third part is the capture time in seconds, a fourth further facts. */
export type Datagram = readonly [ends: string, payload: string, seconds?: number, frame?: Partial<Frame>];

/** A number of datagrams, or frames that are none. */
export type Conversation = readonly (Datagram | Frame)[];

export interface RunOptions extends Partial<Omit<EngineOptions, 'limits' | 'protocols'>> {
  readonly limits?: Partial<Limits>;
  /** Facts of every capture, where they are not those of a whole one. */
  readonly facts?: Partial<CaptureFacts>;
  readonly onMessage?: (seen: SeenMessage) => void;
}

export function facts(path = 'test.pcap'): CaptureFacts {
  return {
    path,
    format: 'pcap',
    description: '',
    linkTypes: [1],
    packets: 0,
    bytes: 0,
    dropped: 0,
    dropsCounted: false,
    knownComplete: false,
    complete: true,
  };
}

/** Gives each conversation to one engine as a capture of its own, and returns the report of them all. */
export function run(
  protocols: readonly AnyProtocol[],
  captures: readonly Conversation[],
  options: RunOptions = {},
): RunReport {
  const { limits, facts: given, onMessage, ...rest } = options;
  const engine = new Engine({
    ...DEFAULT_ENGINE_OPTIONS,
    ...rest,
    protocols,
    limits: { ...DEFAULT_LIMITS, ...limits },
  });
  engine.onMessage = onMessage;
  captures.forEach((conversation, capture) => {
    const own = { ...facts(`${capture}.pcap`), packets: conversation.length, ...given };
    engine.beginCapture(own);
    conversation.forEach((datagram, index) => {
      const frame = 'bytes' in datagram ? datagram : frameOfDatagram(datagram, index);
      frame.number = index + 1;
      engine.frame(frame);
    });
    engine.endCapture();
  });
  return engine.report();
}

function frameOfDatagram([ends, payload, seconds, rest]: Datagram, index: number): Frame {
  const [from, to] = ends.split(' > ');
  const frame = frameOf(udpFrame(from, to, hex(payload)), { seconds: seconds ?? 1_000 + index });
  return Object.assign(frame, rest);
}

/** `ruleId frame` of each finding, in the report's order. */
export function found(report: RunReport): string[] {
  return report.findings.map(({ ruleId, frame }) => `${ruleId} ${frame}`);
}

/** Checked, broken and inconclusive of a rule. */
export function tally(report: RunReport, ruleId: string): number[] | undefined {
  const tallies = report.protocols.flatMap(({ rules }) => rules);
  const own = tallies.find(({ id }) => id === ruleId);
  return own && [own.checked, own.broken, own.inconclusive];
}
