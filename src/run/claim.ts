/** Finds the protocol of a TCP connection by its first bytes. */
import type { Opening, Preface } from '../framing/framing.ts';
import type { Recognition } from '../protocol/protocol.ts';
import type { Lane } from './lane.ts';

export interface Claim {
  readonly lane: Lane;
  /** End of the flow (0 or 1) that is the client. */
  readonly clientSide: number;
  /** What stands before the first message, if anything does. */
  readonly preface: Preface | undefined;
  /**
   * The messages begin right behind the preface, or at once. Not known where bytes were lost before that was decided.
   */
  readonly isCertain: boolean;
}

/** What the decision is based on. */
export interface Evidence {
  readonly opening: Opening;
  /** End of the flow that is taken for the client in it. */
  readonly clientSide: number;
  /** The user has named the protocol: only the preface is left to tell. */
  readonly mapped: boolean;
  /** Nothing more will come of the beginning. */
  readonly ended: boolean;
}

/**
 * The lane whose protocol claims a connection; `more` when more bytes are needed to decide, undefined when none does. A
 * protocol that is itself a carrier is asked last: the one that it carries is the better answer.
 */
export function claimOf(lanes: readonly Lane[], evidence: Evidence): Claim | 'more' | undefined {
  let undecided = false;
  for (const carriers of [false, true]) {
    for (const lane of lanes) {
      if ((lane.protocol.framing !== undefined) !== carriers) continue;
      const answer = askOne(lane, evidence);
      if (answer === 'more') undecided = true;
      else if (answer !== 'no' && !(carriers && undecided)) return answer;
    }
  }
  return undecided ? 'more' : undefined;
}

function askOne(lane: Lane, evidence: Evidence): Claim | Exclude<Recognition, 'yes'> {
  const { opening, clientSide, mapped, ended } = evidence;
  const { protocol, stream, dialect } = lane;
  if (!stream || !(mapped || protocol.recogniseStream)) return 'no';
  const isBroken = opening.clientBroken || opening.serverBroken;
  const found = stream.framing.preface?.(opening, dialect, ended && !isBroken);
  if (found === 'more' && !ended) return 'more';
  const preface = found === 'more' ? undefined : found;
  const claim = { lane, clientSide, preface, isCertain: found !== 'more' };
  if (mapped) return claim;
  const answer = protocol.recogniseStream?.(behind(opening, preface)) ?? 'no';
  if (answer === 'yes') return claim;
  return answer === 'more' && !ended ? 'more' : 'no';
}

function behind(opening: Opening, preface: Preface | undefined): Opening {
  if (!preface) return opening;
  const { client, server } = opening;
  return { ...opening, client: client.subarray(preface.client), server: server.subarray(preface.server) };
}
