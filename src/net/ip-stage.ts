/**
 * What the decoder does with an IP packet once it knows its hosts: copies are set aside, fragments put together, and what is
 * somebody else's to decode is passed by. Of a packet that is passed by no more is noted than what those that are not may
 * hang on, so that these come out as if all had been decoded; where that cannot be said, all must be.
 */
import type { Frame } from '../capture/source.ts';
import { DecodeCounters } from './counters.ts';
import { Duplicates } from './duplicates.ts';
import { LINKTYPE_ETHERNET } from './ethernet.ts';
import type { Extents } from './extents.ts';
import { type FragmentLimits, Fragments, type FragmentTaker } from './fragments.ts';
import { classOfHosts, type OwnClasses } from './hosts.ts';
import { isPlain, isPlainWhole, PLAIN_PORTS, plainHosts } from './plain-frame.ts';

/** What is known of where the frames come from. */
export interface FrameOrigin {
  /**
   * It has seen each packet once: copies are not looked for. That is time saved, and a peer that says the same thing twice
   * without a number on either, as in IPv6, is believed to have said it twice, whatever else came twice before.
   */
  readonly eachOnce?: boolean;
}

export interface StageOptions {
  readonly limits: FragmentLimits;
  readonly seed: number;
  readonly counters: DecodeCounters;
  readonly extents: Extents | undefined;
  readonly origin: FrameOrigin;
  /** Undefined where all packets are decoded. */
  readonly own: OwnClasses | undefined;
}

export class IpStage {
  readonly counters: DecodeCounters;
  /** Of frames whose hosts cannot be read. */
  readonly hostless: DecodeCounters;
  readonly fragments: Fragments;
  /** Of what is passed by. Nobody reads the counters. */
  readonly passedCounters: DecodeCounters;
  readonly passedFragments: FragmentTaker;
  /** Undefined where copies are not looked for. */
  readonly duplicates: Duplicates | undefined;
  readonly #own: OwnClasses | undefined;

  constructor({ limits, seed, counters, extents, origin, own }: StageOptions) {
    const needsAll = own && ((reason: string) => own.needsAll(reason));
    this.counters = counters;
    this.fragments = new Fragments(limits, seed, counters, extents, needsAll);
    this.passedCounters = own ? new DecodeCounters(0) : counters;
    this.passedFragments = this.fragments.passed(this.passedCounters);
    this.hostless = !own || own.hasHostless ? counters : this.passedCounters;
    this.duplicates = origin.eachOnce ? undefined : new Duplicates(needsAll);
    this.#own = own;
  }

  /** Packets set aside. */
  get copies(): number {
    return this.duplicates?.copies ?? 0;
  }

  /** Is a packet between these hosts somebody else's to decode? @param hosts as `Packet.hosts` */
  passesBy(frame: Frame, hosts: number): boolean {
    const own = this.#own;
    if (own === undefined || ((own.mask >>> classOfHosts(hosts)) & 1) === 1) return false;
    this.duplicates?.pass(frame);
    return true;
  }

  /**
   * The same of a frame that nothing has been read of, where its hosts stand in the usual place: most of those that are passed
   * by end here. What is a fragment, or not as it should be, is for the layers to look at.
   */
  passesByAtOnce(frame: Frame): boolean {
    if (this.#own === undefined || frame.linkType !== LINKTYPE_ETHERNET) return false;
    const { bytes, start } = frame;
    if (frame.end - start < PLAIN_PORTS || !isPlain(bytes, start) || !isPlainWhole(bytes, start)) return false;
    return this.passesBy(frame, plainHosts(bytes, start));
  }
}
