/**
 * A frame with all its lower layers, as nodes for people: the frame itself, its link layer, IP, UDP or TCP, each with its
 * fields and their places in the frame's bytes. It is made of one frame when somebody looks at it, and never on the way
 * through the engine; src/net reads the same headers there, and a test holds the two to each other.
 */
import type { FoundFrame } from '../capture/frame-finder.ts';
import { IP_PROTOCOL_TCP, IP_PROTOCOL_UDP } from '../net/packet.ts';
import { visible } from '../wire/escape.ts';
import { Header, type LayerNode } from './header.ts';
import { describeLink } from './link.ts';
import { describeNetwork } from './network.ts';
import { describeTcp, describeUdp, NO_SEGMENT_FACTS, type SegmentFacts } from './transport.ts';

export interface FrameContext {
  /** The frame's time as UTC and since the capture's first frame, in the capture's precision. */
  readonly utc: string;
  readonly elapsed: string;
  readonly segment?: SegmentFacts;
}

export interface DescribedFrame {
  /** From the frame inwards. */
  readonly layers: readonly LayerNode[];
  /** The transport's payload on the wire, from the frame's first byte; undefined where no transport was found. */
  readonly payload: { readonly from: number; readonly to: number } | undefined;
}

const LINK_TYPES: Readonly<Record<number, string>> = {
  0: 'BSD loopback',
  1: 'Ethernet',
  101: 'raw IP',
  108: 'OpenBSD loopback',
  113: 'Linux cooked',
  228: 'raw IPv4',
  229: 'raw IPv6',
  276: 'Linux cooked 2',
};

export function describeFrame(frame: FoundFrame, context: FrameContext): DescribedFrame {
  const { bytes, linkType, wireLength } = frame;
  const layers: LayerNode[] = [frameNode(frame, context)];
  const link = describeLink(bytes, linkType);
  layers.push(...link.nodes);
  if (link.etherType === undefined) return { layers, payload: undefined };
  const network = describeNetwork(bytes, link.at, link.etherType, Math.max(bytes.length, wireLength));
  layers.push(...network.nodes);
  const transport =
    network.protocol === IP_PROTOCOL_UDP
      ? describeUdp(bytes, network)
      : network.protocol === IP_PROTOCOL_TCP
        ? describeTcp(bytes, network, context.segment ?? NO_SEGMENT_FACTS)
        : undefined;
  if (!transport) return { layers, payload: undefined };
  layers.push(transport.node);
  return { layers, payload: { from: transport.from, to: transport.to } };
}

/** Its fields are the capture's: they stand for all bytes of the frame. */
function frameNode(frame: FoundFrame, { utc, elapsed }: FrameContext): LayerNode {
  const { number, bytes, wireLength, linkType, interfaceId, interfaceName, comment } = frame;
  const { length } = bytes;
  const header = new Header(bytes, 0, length, '');
  const all = (name: string, title: string, display: string, value?: number) =>
    header.field({ name, title }, 0, length, display, value);
  all('number', 'Number', String(number), number);
  all('utc', 'Time', utc);
  all('elapsed', 'Since the first', `${elapsed} s`);
  all('length', 'Length', `${wireLength} bytes on the wire`, wireLength);
  all('captured', 'Captured', `${length} bytes`, length);
  all(
    'interface',
    'Interface',
    interfaceName === '' ? String(interfaceId) : `${visible(interfaceName)} (${interfaceId})`,
  );
  all('linkType', 'Link type', `${LINK_TYPES[linkType] ?? 'not read'} (${linkType})`, linkType);
  if (comment !== '') all('comment', 'Comment', visible(comment));
  const cut = length < wireLength ? `, ${length} captured` : '';
  return header.node('frame', `Frame ${number}`, length, `${wireLength} bytes${cut}, ${utc}, ${elapsed} s`);
}
