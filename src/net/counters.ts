/**
 * What became of the frames that a decoder was given: each frame is counted once as UDP or TCP, or once under the reason
 * why it was not handed on, or it is a fragment that awaits the rest of its datagram. The numbers of what is not decoded
 * come from the wire, so each tally keeps a bounded number of them apart.
 */

import { type Cursor, DONE } from './cursor.ts';

/** Occurrences by number; the numbers that come after the first `limit` different ones are counted together. */
export class Tally {
  readonly counts = new Map<number, number>();
  /** Occurrences of numbers that found no room. */
  other = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(value: number): void {
    const count = this.counts.get(value);
    if (count === undefined && this.counts.size >= this.#limit) this.other++;
    else this.counts.set(value, (count ?? 0) + 1);
  }

  /** Counts in ascending order of their numbers, then `other` if there are any. */
  summary(): Record<string, number> {
    const sorted = [...this.counts].sort((a, b) => a[0] - b[0]);
    return Object.fromEntries([...sorted, ...(this.other > 0 ? [['other', this.other] as const] : [])]);
  }
}

/** Headers that break their own layer's format, by layer. */
export class MalformedCounters {
  ethernet = 0;
  linuxSll = 0;
  loopback = 0;
  rawIp = 0;
  ipv4 = 0;
  ipv6 = 0;
  fragment = 0;
  udp = 0;
  tcp = 0;
}

export class FragmentCounters {
  /** Frames that carry part of a datagram. */
  seen = 0;
  /** Datagrams put together and handed on. */
  reassembled = 0;
  /** Datagrams given up because they stayed incomplete too long. */
  timedOut = 0;
  /** Datagrams given up to make room for newer ones. */
  evicted = 0;
  /** Fragments that repeated bytes already there, with the same content. */
  overlapsResolved = 0;
  /** Datagrams refused because two fragments give different content for the same bytes, or overlap in IPv6 at all. */
  overlapsRefused = 0;
  /** Datagrams refused because their fragments disagree on the length, or make more than 65,535 bytes. */
  lengthRefused = 0;
  /** Fragments left out because the snap length cut them: their datagram stays incomplete. */
  cut = 0;
  /** Datagrams whose checksum says that they were put together from parts of several. */
  wrongChecksums = 0;
  /** Fragments of a datagram just put together that came once more. */
  ofCompleted = 0;
  /** Later fragments of a datagram that was refused. */
  ofRefused = 0;
}

export class DecodeCounters {
  frames = 0;
  /** Packets handed out, by transport. */
  udp = 0;
  tcp = 0;
  /** Frames whose headers the snap length cut before the transport payload. */
  cut = 0;
  /** Packets handed out with less payload than their headers state. */
  cutPayload = 0;
  /** LINKTYPE_ values that are not decoded. */
  readonly unknownLinkType: Tally;
  /** EtherTypes that are not IP. */
  readonly unknownEtherType: Tally;
  /** Destination service access points of LLC frames that carry no IP. */
  readonly unknownLlc: Tally;
  /** ARPHRD_ values of Linux cooked frames whose protocol field is no EtherType. */
  readonly unknownHardwareType: Tally;
  /** Address families of BSD loopback frames that are not IP. */
  readonly unknownAddressFamily: Tally;
  /** IP protocol numbers other than UDP and TCP; encryption (50) and tunnels stand here too. */
  readonly unknownIpProtocol: Tally;
  readonly malformed = new MalformedCounters();
  readonly fragments = new FragmentCounters();

  /** `tallied` is how many different numbers each tally keeps apart. */
  constructor(tallied: number) {
    this.unknownLinkType = new Tally(tallied);
    this.unknownEtherType = new Tally(tallied);
    this.unknownLlc = new Tally(tallied);
    this.unknownHardwareType = new Tally(tallied);
    this.unknownAddressFamily = new Tally(tallied);
    this.unknownIpProtocol = new Tally(tallied);
  }

  /** A header needs `length` bytes that are not there: cut by the snap length, or never sent. Returns `DONE`. */
  tooShort(cursor: Cursor, length: number, layer: keyof MalformedCounters): number {
    if (cursor.wireEnd - cursor.at >= length) this.cut++;
    else this.malformed[layer]++;
    return DONE;
  }

  /** Returns `DONE`. */
  refuse(layer: keyof MalformedCounters): number {
    this.malformed[layer]++;
    return DONE;
  }
}
