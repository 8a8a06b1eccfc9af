/**
 * What one protocol is in all captures of a run that are understood alike: its options as they are set, what carries it,
 * the rules in question. Made once a run: a run may have tens of thousands of captures, most of them small, and most hold
 * nothing of most protocols. What comes of such a protocol is the same in each of them, so that, too, is kept here.
 */

import { type Dialect, dialectOf } from '../dialect.ts';
import type { Framing } from '../framing/framing.ts';
import type { Rule } from '../lint/rule.ts';
import { carrierOf, carrierRules, framingsOf } from '../protocol/carrier.ts';
import { graveUnder } from '../protocol/in-force.ts';
import { type AnyProtocol, UNKNOWN_MESSAGE } from '../protocol/protocol.ts';
import { editionsOf } from '../protocol/statements.ts';
import type { EngineOptions } from './options.ts';
import type { LaneOutcome } from './outcome.ts';

/** How the protocol is carried by streams in this run. */
export interface StreamCarrier {
  readonly framing: Framing;
  /** Longest message on the wire in bytes. */
  readonly longest: number;
  /** The same without what the framing hides, where the carrier sets a bound. */
  readonly longestShown: number;
  /** Bytes of a message that the protocol is shown. */
  readonly keep: number;
  /** The protocol is another one than the framing's own. */
  readonly carriesApplication: boolean;
  /** How a direction may go on. */
  readonly later: readonly StreamCarrier[];
}

export class LanePlan {
  readonly protocol: AnyProtocol;
  readonly dialect: Dialect;
  /** Undefined for a protocol that no stream carries with this dialect. */
  readonly stream: StreamCarrier | undefined;
  /** Those of the protocol and of what carries it. */
  readonly rules: readonly Rule<unknown>[];
  readonly messages: readonly string[];
  readonly editions: readonly string[];
  #idle: LaneOutcome | undefined = undefined;

  constructor(protocol: AnyProtocol, options: EngineOptions) {
    this.protocol = protocol;
    this.dialect = dialectOf(protocol, options.dialects);
    this.stream = streamOf(protocol, this.dialect, options);
    const rules = [...protocol.rules, ...carrierRules(protocol, options.protocols, this.dialect)];
    this.rules = graveUnder(rules, this.dialect);
    this.messages = [...protocol.layouts.map(layout => layout.name), UNKNOWN_MESSAGE];
    this.editions = editionsOf(protocol);
  }

  /** What comes of it in a capture that holds nothing of it. @param outcome makes that, once a run */
  idle(outcome: () => LaneOutcome): LaneOutcome {
    this.#idle ??= outcome();
    return this.#idle;
  }
}

/** By lane. */
export function planLanes(options: EngineOptions): readonly LanePlan[] {
  return options.protocols.map(protocol => new LanePlan(protocol, options));
}

function streamOf(protocol: AnyProtocol, dialect: Dialect, options: EngineOptions): StreamCarrier | undefined {
  const carrier = carrierOf(protocol, 'tcp', dialect);
  if (!carrier) return undefined;
  const { longest: longestShown = Number.POSITIVE_INFINITY, keep = Number.POSITIVE_INFINITY } = carrier;
  const [first, ...later] = framingsOf(carrier, options.protocols).map(framing => ({
    framing,
    longest: Math.min(longestShown + framing.hidden + (framing.hiddenAtEnd ?? 0), framing.longest),
    longestShown,
    keep,
    carriesApplication: framing !== protocol.framing,
    later: [],
  }));
  return { ...first, later };
}
