/**
 * Asks a plan of faults about what passes: units that a test makes up, or the messages of a conversation as the engine shows
 * them. What the plan decides is one line for each decision.
 */
import { protocols } from '../../dissectors/index.ts';
import { framing as mqttFraming } from '../../dissectors/mqtt/framing.ts';
import type { Frame } from '../../src/capture/source.ts';
import { Engine } from '../../src/engine.ts';
import type { Overseer, Passage } from '../../src/faults/passage.ts';
import { catalogueOf } from '../../src/filter/catalogue.ts';
import type { Decision, Deed } from '../../src/lint/deed.ts';
import { withCarrierOptions } from '../../src/protocol/carrier.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../src/run/options.ts';
import { facts } from '../../src/testkit/engine.ts';
import { frameOf } from '../../src/testkit/packet.ts';
import { frameBytes, type Line, START } from '../kit/mnet.ts';

export const known = withCarrierOptions(protocols);
export const catalogue = catalogueOf(known);

/** A datagram of 10 bytes of the client's, the first one of flow 1, unless a test says otherwise. */
export function passage(parts: Partial<Passage> = {}): Passage {
  return {
    flow: 1,
    pair: 0,
    from: 'client',
    ordinal: 0,
    carrier: 'datagrams',
    now: START * 1_000,
    wire: new Uint8Array(10),
    offset: 0,
    framing: undefined,
    isWhole: false,
    ...parts,
  };
}

/** What is decided about the units of one direction, one after another. */
export function decided(plan: Overseer, count: number, parts: Partial<Passage> = {}): Deed[][] {
  const made = { ...passage(parts) };
  return Array.from({ length: count }, (_, ordinal) => {
    made.ordinal = ordinal;
    return (plan.unit?.(made) ?? []).map(({ deed }) => deed);
  });
}

/** How many of so many units of one direction have a deed of this kind. */
export function countOf(kind: Deed['kind'], plan: Overseer, count: number, parts: Partial<Passage> = {}): number {
  return decided(plan, count, parts).filter(deeds => deeds.some(deed => deed.kind === kind)).length;
}

/** MNET datagrams, a millisecond apart, as frames. */
export function mnetFrames(lines: readonly Line[]): Frame[] {
  let milliseconds = 0;
  return lines.map((line, index) => {
    if (index > 0) milliseconds += Math.round((line.after ?? 0.001) * 1_000);
    const frame = frameOf(frameBytes(line).bytes, { seconds: START + Math.floor(milliseconds / 1_000) });
    frame.number = index + 1;
    frame.nanoseconds = (milliseconds % 1_000) * 1_000_000;
    return frame;
  });
}

/**
 * `FRAME TYPE deed` of each decision: `4 COOKIE-ACK drop`. Each message is a unit; times are those of the frames, flows are
 * numbered as they come.
 */
export function told(plan: Overseer, frames: Iterable<Frame>, parts: Partial<Passage> = {}): string[] {
  const lines: string[] = [];
  eachUnit(plan, frames, parts, (line, decisions) => {
    for (const { deed } of decisions) lines.push(`${line} ${deedText(deed)}`);
  });
  return lines;
}

/** The same, with all there is to know of the decisions. */
export function eachUnit(
  plan: Overseer,
  frames: Iterable<Frame>,
  parts: Partial<Passage>,
  then: (line: string, decisions: readonly Decision[], unit: Passage) => void,
): void {
  const engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, protocols: known, capture: 'complete' });
  const flows = new Map<string, number>();
  const ordinals = new Map<string, number>();
  engine.onMessage = seen => {
    const { message, from, to, clientToServer, name } = seen;
    const ends = [from, to].sort().join();
    const flow = flows.get(ends) ?? flows.size + 1;
    flows.set(ends, flow);
    const ordinal = ordinals.get(from + to) ?? 0;
    ordinals.set(from + to, ordinal + 1);
    const isStream = seen.protocol === 'mqtt';
    const unit: Passage = {
      flow,
      pair: 0,
      from: clientToServer ? 'client' : 'server',
      ordinal,
      carrier: isStream ? 'stream' : 'datagrams',
      now: message.seconds * 1_000 + Math.floor(message.nanoseconds / 1_000_000),
      wire: message.bytes.slice(message.start, message.start + message.length),
      offset: 0,
      framing: isStream ? mqttFraming : undefined,
      isWhole: true,
      ...parts,
    };
    const origin = { seconds: START, nanoseconds: 0 };
    const decisions = [...(plan.message?.(seen, unit, origin) ?? []), ...(plan.unit?.(unit) ?? [])];
    then(`${message.frame} ${name}`, decisions, unit);
  };
  engine.beginCapture({ ...facts() });
  for (const frame of frames) engine.frame(frame);
  engine.endCapture();
}

function deedText(deed: Deed): string {
  switch (deed.kind) {
    case 'delay':
    case 'trickle':
      return `${deed.kind} ${deed.milliseconds}`;
    case 'duplicate':
      return `${deed.kind} ${deed.copies}`;
    case 'close':
    case 'abort':
      return `${deed.kind} ${deed.when}`;
    case 'replace':
      return `${deed.how} ${deed.note}`;
    default:
      return deed.kind;
  }
}

/**
 * Whether so many of so many agree with a probability: what chance does once in a thousand times is not believed of it
 * (two-sided, normal approximation).
 */
export function agrees(count: number, of: number, probability: number): boolean {
  const deviation = Math.sqrt(of * probability * (1 - probability));
  return Math.abs(count - of * probability) <= 3.2905 * deviation;
}
