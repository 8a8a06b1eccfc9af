/**
 * Takes out of packets what a finding does not need, so that they can be attached to a public bug report: addresses become
 * those for documentation, content becomes filler of the same length. What the findings do rest on is found by trying: the
 * packets are judged again without it, and content comes back only where a finding goes with it.
 */
import type { Frame } from '../capture/source.ts';
import { History } from '../history/history.ts';
import type { Finding } from '../lint/finding.ts';
import { withCarrierOptions } from '../protocol/carrier.ts';
import type { EngineOptions } from '../run/options.ts';
import { type Content, contentOf, type Payload, type Piece } from './content.ts';
import { fewest } from './fewest.ts';
import { filler } from './filler.ts';
import { framesOf, type Rebuilt, rebuilt } from './rebuilt.ts';
import { costOf, holdsAll, judge, MOST_JUDGED } from './trial.ts';

export interface Redacted {
  /** Numbered from 1. */
  readonly frames: readonly Frame[];
  /** The findings again, in the words of these frames. */
  readonly findings: readonly Finding[];
  /** Bytes of content that are as they were, because a finding needs them. */
  readonly kept: number;
}

/**
 * @param frames in the order of time, on which these findings come up when they are judged by themselves
 * @returns undefined where a finding is gone once the packets are made again: it rests on how they were sent
 */
export async function redact(
  frames: readonly Frame[],
  findings: readonly Finding[],
  options: EngineOptions,
): Promise<Redacted | undefined> {
  const packets = rebuilt(frames);
  const numbers = new Map(packets.map(({ frame }, index) => [frame, index + 1]));
  const wanted = findings.map(finding => ({ ...finding, frame: numbers.get(finding.frame) ?? 0 }));
  const whole = framesOf(packets);
  const history = new History(withCarrierOptions(options.protocols));
  const before = await judge(whole, options, history);
  const targets = before.filter(finding => wanted.some(other => isAlike(other, finding)));
  if (!holdsAll(before, wanted, isAlike)) return undefined;
  const redaction = new Redaction(packets, whole, history);
  const isEnough = async (kept: readonly Piece[], distinct: boolean) =>
    holdsAll(await judge(redaction.frames(kept, distinct), options), targets, isSameFault);
  // Two contents that differ stay different if they can; where messages repeat a part of each other they must not.
  const distinct = (await isEnough([], true)) || !(await isEnough([], false));
  const search = (kept: readonly Piece[]) => isEnough(kept, distinct);
  const { items } = await fewest(redaction.pieces, search, MOST_JUDGED, () => costOf(whole.length));
  const result = redaction.frames(items, distinct);
  const after = await judge(result, options);
  return {
    frames: result,
    findings: after.filter(finding => targets.some(other => isSameFault(other, finding))),
    kept: items.reduce((sum, piece) => sum + lengthOf(piece), 0),
  };
}

/** As far as a finding does not name addresses, which are others now. */
function isAlike(one: Finding, other: Finding): boolean {
  return one.ruleId === other.ruleId && one.frame === other.frame && one.severity === other.severity;
}

/** As far as a finding does not quote content. */
function isSameFault(one: Finding, other: Finding): boolean {
  return isAlike(one, other) && one.atFault === other.atFault && one.state === other.state;
}

class Redaction {
  readonly #packets: readonly Rebuilt[];
  readonly #buffer: Uint8Array;
  readonly #payloads: readonly Payload[];
  readonly #content: Content;
  /** By piece: which of the contents it has, counted from 0. */
  readonly #ordinals: ReadonlyMap<Piece, number>;

  constructor(packets: readonly Rebuilt[], frames: readonly Frame[], history: History) {
    this.#packets = packets;
    this.#buffer = frames[0]?.bytes ?? new Uint8Array(0);
    this.#payloads = frames.map(({ end }, index) => ({ start: end - packets[index].payload.length, end }));
    this.#content = contentOf(history, frames, this.#payloads);
    this.#ordinals = this.#numbered();
  }

  get pieces(): readonly Piece[] {
    return this.#content.pieces;
  }

  /** @param kept stays as it is @param distinct contents that differ get fillers that do */
  frames(kept: readonly Piece[], distinct: boolean): Frame[] {
    const patched = this.#buffer.slice();
    const staying = new Set(kept);
    for (const piece of this.pieces) {
      if (!staying.has(piece)) this.#fill(patched, piece, distinct ? (this.#ordinals.get(piece) ?? 0) : 0);
    }
    const payloads = this.#payloads.map((_, index) => {
      const { start, end } = this.#payloads[this.#content.copies.get(index) ?? index];
      return patched.subarray(start, end);
    });
    return framesOf(this.#packets, payloads);
  }

  #fill(patched: Uint8Array, { kind, places }: Piece, ordinal: number): void {
    const filled = filler(this.#contentOf(places), kind, ordinal);
    let at = 0;
    for (const { position, length } of places) {
      patched.set(filled.subarray(at, at + length), position);
      at += length;
    }
  }

  #contentOf(places: Piece['places']): Uint8Array {
    return Buffer.concat(places.map(({ position, length }) => this.#buffer.subarray(position, position + length)));
  }

  #numbered(): Map<Piece, number> {
    const known = new Map<string, number>();
    const ordinals = new Map<Piece, number>();
    for (const piece of this.pieces) {
      const content = Buffer.from(this.#contentOf(piece.places)).toString('latin1');
      const ordinal = known.get(content) ?? known.size;
      known.set(content, ordinal);
      ordinals.set(piece, ordinal);
    }
    return ordinals;
  }
}

function lengthOf({ places }: Piece): number {
  return places.reduce((sum, { length }) => sum + length, 0);
}
