/**
 * Wireshark's names for what a filter here asks about, since that is what fingers know. Where ours means the same, its name
 * stands for it: `ip.addr == 10.0.0.1` is `addr == 10.0.0.1`. Where Wireshark's field has no equal, the complaint says what
 * comes closest.
 *
 * Ports carry no transport here: `tcp.port` and `udp.port` are both `port`. Addresses carry no family: `ip.addr` and
 * `ipv6.addr` are both `addr`.
 */
import type { GeneralName } from './subject.ts';

const BY_NAME: Readonly<Record<string, GeneralName>> = {
  'frame.number': 'frame',
  'frame.time_relative': 'time',
  'frame.comment': 'comment',
  pkt_comment: 'comment',
  'ip.addr': 'addr',
  'ip.host': 'addr',
  'ip.src': 'src',
  'ip.src_host': 'src',
  'ip.dst': 'dst',
  'ip.dst_host': 'dst',
  'ipv6.addr': 'addr',
  'ipv6.host': 'addr',
  'ipv6.src': 'src',
  'ipv6.src_host': 'src',
  'ipv6.dst': 'dst',
  'ipv6.dst_host': 'dst',
  'tcp.port': 'port',
  'tcp.srcport': 'srcport',
  'tcp.dstport': 'dstport',
  'udp.port': 'port',
  'udp.srcport': 'srcport',
  'udp.dstport': 'dstport',
  'tcp.payload': 'bytes',
  'udp.payload': 'bytes',
};

/** Our general fields by the names that Wireshark has for them. */
export const WIRESHARK_NAMES: ReadonlyMap<string, GeneralName> = new Map(Object.entries(BY_NAME));

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/^(tcp|udp)\.stream$/, 'connection is the number of one, from 1 and over all transports'],
  [/^frame\.(len|cap_len)$|^(tcp|udp)\.len(gth)?$|^ip(v6)?\.(len|plen)$/, 'length is that of the message'],
  [/^frame\.time_delta/, 'delay is the time since the message that this one answers'],
  [/^frame\.time/, "time counts seconds from the capture's first frame"],
  [/^_ws\.expert/, 'finding, rule and severity ask for findings'],
  [
    /^(tcp|udp|ip|ipv6|eth|frame|sll|vlan|ws|_ws)\b/,
    'filters ask messages, not the layers below; addr and port ask for their ends',
  ],
];

/** What to say of a name of Wireshark's that has no equal; nothing of other names. */
export function wiresharkAdvice(name: string): string | undefined {
  return ADVICE.find(([pattern]) => pattern.test(name))?.[1];
}
