/**
 * How protocols are carried: which of a protocol's carriers holds under a dialect, the framing that it names, and the
 * rules and options that come with it. What carries a protocol has rules of its own (TCP's bytes must not contradict
 * each other, a length must not exceed its bound); they are judged in each protocol's run, and stand in the catalogue
 * under their own names.
 */
import type { RuleDocument } from '../lint/rule.ts';
import type { Dialect } from './dialect.ts';
import { type Framing, LENGTH_16, LENGTH_32 } from './framing.ts';
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

const BUILT_IN: readonly Framing[] = [LENGTH_16, LENGTH_32];

/** Framings that there are: the built-in ones, and those that protocols lend. */
export function framings(protocols: readonly AnyProtocol[]): readonly Framing[] {
  return [...BUILT_IN, ...protocols.flatMap(({ framing }) => framing ?? [])];
}

/** The framing that a carrier names. Throws when there is none: the protocol's contract was not checked. */
export function framingOf(carrier: Carrier, protocols: readonly AnyProtocol[]): Framing {
  const framing = framings(protocols).find(({ id }) => id === carrier.framing);
  if (!framing) throw new Error(`no framing is called ${carrier.framing}`);
  return framing;
}

/** The protocol's carrier on a transport under this dialect, if any. */
export function carrierOf(protocol: AnyProtocol, transport: Transport, dialect: Dialect): Carrier | undefined {
  return protocol.carriers.find(
    carrier =>
      carrier.transport === transport &&
      (carrier.onlyIf === undefined || dialect.choice(carrier.onlyIf.option) === carrier.onlyIf.value),
  );
}

/** Rules of what carries the protocol by streams under this dialect. */
export function carrierRules(
  protocol: AnyProtocol,
  protocols: readonly AnyProtocol[],
  dialect: Dialect,
): readonly RuleDocument[] {
  const carrier = carrierOf(protocol, 'tcp', dialect);
  return carrier ? [...framingRules(framingOf(carrier, protocols)), OVERLAP_DIFFERS] : [];
}

/** All rules there are, in groups: those of the protocols in their order, then of what carries them. */
export function catalogues(protocols: readonly AnyProtocol[]): readonly Catalogue[] {
  const own = protocols.map(({ id, title, specification, rules, framing }) => {
    return { id, title, specification, rules: framing ? [...rules, ...framingRules(framing)] : rules };
  });
  if (!protocols.some(({ carriers }) => carriers.some(({ transport }) => transport === 'tcp'))) return own;
  return [
    ...own,
    {
      id: 'framing',
      title: 'a length before each message',
      specification: LENGTH_32.specification,
      rules: LENGTH_32.rules,
    },
    { id: 'tcp', title: 'TCP streams', specification: TCP_SPECIFICATION, rules: [OVERLAP_DIFFERS] },
  ];
}

/** The protocols, each with the dialect options that its framings bring. */
export function withCarrierOptions(protocols: readonly AnyProtocol[]): readonly AnyProtocol[] {
  const lent = framings(protocols);
  return protocols.map(protocol => {
    const names = protocol.carriers.map(({ framing }) => framing);
    const brought = lent.filter(({ id }) => names.includes(id)).flatMap(({ dialect }) => dialect ?? []);
    const missing = brought.filter(option => !protocol.dialect.some(({ name }) => name === option.name));
    return missing.length === 0 ? protocol : { ...protocol, dialect: [...protocol.dialect, ...missing] };
  });
}

/** A framing's rules cite the framing's specification, whichever protocol they are judged for. */
function framingRules({ rules, specification }: Framing): readonly RuleDocument[] {
  return rules.map(rule => ({ ...rule, specification }));
}
