/**
 * Linux cooked captures, versions 1 and 2: what `tcpdump -i any` writes. The protocol field is an EtherType for ordinary
 * devices; for those listed in LINKTYPE_LINUX_SLL's description it means something else and is not followed.
 */

import type { DecodeCounters } from './counters.ts';
import { type Cursor, DONE } from './cursor.ts';
import { readEtherType, readLlc } from './ethernet.ts';

const SLL_LENGTH = 16;
const SLL_HARDWARE_TYPE = 2;
const SLL_PROTOCOL = 14;
const SLL2_LENGTH = 20;
const SLL2_PROTOCOL = 0;
const SLL2_HARDWARE_TYPE = 8;

const PROTOCOL_NOVELL_802_3 = 0x0001;
const PROTOCOL_802_2_LLC = 0x0004;

/** Frame Relay, 802.11 with radiotap, netlink. A GRE device (778) has GRE's protocol type there, which is an EtherType. */
const ARPHRD_WITHOUT_ETHERTYPE: readonly number[] = [770, 803, 824];

export function readLinuxSll(cursor: Cursor, counters: DecodeCounters, maximumVlanTags: number): number {
  return readCooked(cursor, counters, maximumVlanTags, SLL_LENGTH, SLL_HARDWARE_TYPE, SLL_PROTOCOL);
}

export function readLinuxSll2(cursor: Cursor, counters: DecodeCounters, maximumVlanTags: number): number {
  return readCooked(cursor, counters, maximumVlanTags, SLL2_LENGTH, SLL2_HARDWARE_TYPE, SLL2_PROTOCOL);
}

function readCooked(
  cursor: Cursor,
  counters: DecodeCounters,
  maximumVlanTags: number,
  length: number,
  hardwareTypeOffset: number,
  protocolOffset: number,
): number {
  if (cursor.end - cursor.at < length) return counters.tooShort(cursor, length, 'linuxSll');
  const hardwareType = cursor.uint16(cursor.at + hardwareTypeOffset);
  const protocol = cursor.uint16(cursor.at + protocolOffset);
  cursor.at += length;
  if (ARPHRD_WITHOUT_ETHERTYPE.includes(hardwareType)) {
    counters.unknownHardwareType.add(hardwareType);
    return DONE;
  }
  if (protocol === PROTOCOL_802_2_LLC) return readLlc(cursor, counters, maximumVlanTags);
  if (protocol === PROTOCOL_NOVELL_802_3) {
    counters.unknownEtherType.add(protocol);
    return DONE;
  }
  return readEtherType(cursor, counters, protocol, maximumVlanTags);
}
