/**
 * How protocols are carried: which of a protocol's carriers holds under a dialect, the framing that it names, and the
 * rules and options that come with it. What carries a protocol has rules of its own (TCP's bytes must not contradict
 * each other, a length must not exceed its bound); they are judged in each protocol's run, and stand in the catalogue
 * under their own names.
 */

import type { Dialect } from '../dialect.ts';
import type { Framing } from '../framing/framing.ts';
import { LENGTH_16, LENGTH_32, READY } from '../framing/ready.ts';
import type { RuleDocument } from '../lint/rule.ts';
import { holds } from './in-force.ts';
import type { AnyProtocol, Carrier, Transport } from './protocol.ts';

export const TCP_SPECIFICATION = 'RFC 9293, Transmission Control Protocol';

export const OVERLAP_DIFFERS: RuleDocument = {
  id: 'tcp/overlap-differs',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'seen',
  midstream: true,
  specification: TCP_SPECIFICATION,
  clause: '3.10.7.4',
  summary: 'bytes of a TCP stream are sent again with another content',
  why: 'What the receiver reads depends on which copy it got first: two observers see two conversations. A broken middlebox or network card does this, and so does an attacker who wants to hide something from an observer. wirelint reads the copy that it saw first.',
  example: 'bytes 1 to 5 are sent as "hello", then, before an acknowledgement, as "hallo"',
};

/** A group of rules under one name: a protocol's, or those of what carries protocols. */
export interface Catalogue {
  readonly id: string;
  readonly title: string;
  readonly specification: string;
  readonly rules: readonly RuleDocument[];
}

/** Framings that have names: the ready ones, and those that protocols lend. */
function named(protocols: readonly AnyProtocol[]): readonly Framing[] {
  return [...READY, ...protocols.flatMap(({ framing }) => framing ?? [])];
}

/**
 * The framing that a stream's carrier has or names. Throws when there is none: the protocol's contract was not checked.
 */
export function framingOf({ framing }: Pick<Carrier, 'framing'>, protocols: readonly AnyProtocol[]): Framing {
  if (typeof framing === 'object') return framing;
  const found = named(protocols).find(({ id }) => id === framing);
  if (!found) throw new Error(`no framing is called ${framing}`);
  return found;
}

/** That one, and behind it those that a direction may go on with. */
export function framingsOf({ framing, later = [] }: Carrier, protocols: readonly AnyProtocol[]): readonly Framing[] {
  return [framing, ...later].map(one => framingOf({ framing: one }, protocols));
}

/** Framings that the carriers of a protocol have of their own, each once. */
export function ownFramings({ carriers }: Pick<AnyProtocol, 'carriers'>): readonly Framing[] {
  return [...new Set(carriers.flatMap(ownOf))];
}

const ownOf = ({ framing, later = [] }: Carrier): readonly Framing[] =>
  [framing, ...later].filter(one => typeof one === 'object');

/** The protocol's carrier on a transport under this dialect, if any. */
export function carrierOf(protocol: AnyProtocol, transport: Transport, dialect: Dialect): Carrier | undefined {
  return protocol.carriers.find(carrier => carrier.transport === transport && holds(carrier.onlyIf, dialect));
}

/** Rules of what carries the protocol by streams under this dialect. */
export function carrierRules(
  protocol: AnyProtocol,
  protocols: readonly AnyProtocol[],
  dialect: Dialect,
): readonly RuleDocument[] {
  const carrier = carrierOf(protocol, 'tcp', dialect);
  return carrier ? [...once(framingsOf(carrier, protocols).flatMap(framingRules)), OVERLAP_DIFFERS] : [];
}

/** All rules there are, in groups: those of the protocols in their order, then of what carries them. */
export function catalogues(protocols: readonly AnyProtocol[]): readonly Catalogue[] {
  const own = protocols.map(protocol => {
    const { id, title, specification, rules, framing } = protocol;
    const framed = [...(framing ? [framing] : []), ...ownFramings(protocol)].flatMap(framingRules);
    return { id, title, specification, rules: once([...rules, ...framed.filter(rule => !isReady(rule))]) };
  });
  const streams = protocols.flatMap(({ carriers }) => carriers.filter(({ transport }) => transport === 'tcp'));
  if (streams.length === 0) return own;
  const used = [...new Set(streams.flatMap(carrier => framingsOf(carrier, protocols)))];
  const shared = used.filter(({ rules }) => rules.some(isReady));
  const plain = shared.every(framing => framing === LENGTH_16 || framing === LENGTH_32);
  return [
    ...own,
    {
      id: 'framing',
      title: plain ? 'a length before each message' : 'what cuts a stream into messages',
      specification: LENGTH_32.specification,
      rules: once([...LENGTH_32.rules, ...shared.flatMap(framingRules).filter(isReady)]),
    },
    { id: 'tcp', title: 'TCP streams', specification: TCP_SPECIFICATION, rules: [OVERLAP_DIFFERS] },
  ];
}

/** The protocols, each with the dialect options that its framings bring. */
export function withCarrierOptions(protocols: readonly AnyProtocol[]): readonly AnyProtocol[] {
  const lent = named(protocols);
  return protocols.map(protocol => {
    const names = protocol.carriers.flatMap(({ framing, later = [] }) => [framing, ...later]);
    const used = [...lent.filter(({ id }) => names.includes(id)), ...ownFramings(protocol)];
    const brought = used.flatMap(({ dialect }) => dialect ?? []);
    const missing = brought.filter(option => !protocol.dialect.some(({ name }) => name === option.name));
    return missing.length === 0 ? protocol : { ...protocol, dialect: [...protocol.dialect, ...missing] };
  });
}

/** A framing's rules cite the framing's specification, whichever protocol they are judged for. */
function framingRules({ rules, specification }: Framing): readonly RuleDocument[] {
  return rules.map(rule => ({ ...rule, specification }));
}

/** A rule that framings of several protocols share. */
function isReady({ id }: RuleDocument): boolean {
  return id.startsWith('framing/');
}

function once(rules: readonly RuleDocument[]): readonly RuleDocument[] {
  return rules.filter(({ id }, index) => rules.findIndex(rule => rule.id === id) === index);
}
