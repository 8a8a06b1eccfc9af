/**
 * Ethernet II, VLAN tags (IEEE 802.1Q and 802.1ad), and IP in LLC or SNAP (RFC 1042) behind an 802.3 length. The part from
 * the EtherType on is shared with Linux cooked captures.
 */

import type { DecodeCounters } from './counters.ts';
import { type Cursor, DONE } from './cursor.ts';

/** LINKTYPE_ value of tcpdump.org/linktypes.html. */
export const LINKTYPE_ETHERNET = 1;

export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_IPV6 = 0x86dd;

const HEADER_LENGTH = 14;
const TYPE_OFFSET = 12;

const ETHERTYPE_VLAN = 0x8100;
const ETHERTYPE_PROVIDER_BRIDGING = 0x88a8;
/** Stacked tags of switches older than 802.1ad, whose makers took one of these: as Linux has them (ETH_P_QINQ1 to 3). */
const FIRST_ETHERTYPE_QINQ = 0x9100;
const SECOND_ETHERTYPE_QINQ = 0x9200;
const THIRD_ETHERTYPE_QINQ = 0x9300;
const VLAN_TAG_LENGTH = 4;

/** IEEE 802.3 3.2.6: up to here the field is a length, and LLC follows. */
const LARGEST_LENGTH = 1500;
const LLC_LENGTH = 3;
const SNAP_LENGTH = 8;
const SAP_IP = 0x06;
const SAP_SNAP = 0xaa;
const LLC_UNNUMBERED_INFORMATION = 0x03;

/** Moves to the network header and returns its EtherType, IPv4 or IPv6, or `DONE`. */
export function readEthernet(cursor: Cursor, counters: DecodeCounters, maximumVlanTags: number): number {
  if (cursor.end - cursor.at < HEADER_LENGTH) return counters.tooShort(cursor, HEADER_LENGTH, 'ethernet');
  const type = cursor.uint16(cursor.at + TYPE_OFFSET);
  cursor.at += HEADER_LENGTH;
  if (type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6) return type;
  return readEtherType(cursor, counters, type, maximumVlanTags);
}

/** With the cursor behind an EtherType: removes tags and LLC, and returns the EtherType of IPv4 or IPv6, or `DONE`. */
export function readEtherType(
  cursor: Cursor,
  counters: DecodeCounters,
  outerType: number,
  maximumVlanTags: number,
): number {
  let type = outerType;
  for (let tags = 0; isVlan(type) && tags < maximumVlanTags; tags++) {
    if (cursor.end - cursor.at < VLAN_TAG_LENGTH) return counters.tooShort(cursor, VLAN_TAG_LENGTH, 'ethernet');
    type = cursor.uint16(cursor.at + 2);
    cursor.at += VLAN_TAG_LENGTH;
  }
  if (type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6) return type;
  if (type <= LARGEST_LENGTH) return readLlc(cursor, counters, maximumVlanTags);
  counters.unknownEtherType.add(type);
  return DONE;
}

/** With the cursor at an 802.2 LLC header. */
export function readLlc(cursor: Cursor, counters: DecodeCounters, maximumVlanTags: number): number {
  if (cursor.end - cursor.at < LLC_LENGTH) return counters.tooShort(cursor, LLC_LENGTH, 'ethernet');
  const { bytes, at } = cursor;
  const service = bytes[at];
  if (service === bytes[at + 1] && bytes[at + 2] === LLC_UNNUMBERED_INFORMATION) {
    if (service === SAP_IP) {
      cursor.at += LLC_LENGTH;
      return ETHERTYPE_IPV4;
    }
    if (service === SAP_SNAP) return readSnap(cursor, counters, maximumVlanTags);
  }
  counters.unknownLlc.add(service);
  return DONE;
}

/** RFC 1042: organisation code 0 says that an EtherType follows. */
function readSnap(cursor: Cursor, counters: DecodeCounters, maximumVlanTags: number): number {
  if (cursor.end - cursor.at < SNAP_LENGTH) return counters.tooShort(cursor, SNAP_LENGTH, 'ethernet');
  const organisation = cursor.uint32(cursor.at + LLC_LENGTH) >>> 8;
  const type = cursor.uint16(cursor.at + 6);
  cursor.at += SNAP_LENGTH;
  if (organisation === 0 && type > LARGEST_LENGTH) return readEtherType(cursor, counters, type, maximumVlanTags);
  counters.unknownLlc.add(SAP_SNAP);
  return DONE;
}

function isVlan(type: number): boolean {
  switch (type) {
    case ETHERTYPE_VLAN:
    case ETHERTYPE_PROVIDER_BRIDGING:
    case FIRST_ETHERTYPE_QINQ:
    case SECOND_ETHERTYPE_QINQ:
    case THIRD_ETHERTYPE_QINQ:
      return true;
    default:
      return false;
  }
}
