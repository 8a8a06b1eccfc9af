/**
 * Rules that are broken on purpose: a conversation that both programs say line by line, through a guarded relay that
 * attacks it (or does a fault to it), and what comes of it. The same conversation without an attack shows beside it what
 * the lines themselves break: nothing that a peer is accused of may come from the attack.
 */
import { expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { attacksOn } from '../../src/faults/attack.ts';
import { parseFaults } from '../../src/faults/parse.ts';
import type { Overseer } from '../../src/faults/passage.ts';
import { messageReadersOf } from '../../src/faults/reader.ts';
import { catalogueOf } from '../../src/filter/catalogue.ts';
import type { Finding } from '../../src/lint/finding.ts';
import type { AnyProtocol } from '../../src/protocol/protocol.ts';
import type { Side } from '../../src/proxy/ends.ts';
import { Reactions } from '../../src/proxy/reactions.ts';
import { bothSides } from '../../src/proxy/two-sides.ts';
import type { ReactionKind } from '../../src/report/interference.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '../../src/run/options.ts';
import { CLIENT, GuardBench, SERVER } from './guard-bench.ts';

/** Something that one program sends. */
export interface Said {
  readonly side: Side;
  readonly bytes: Uint8Array;
  /** Seconds since the line before. */
  readonly after?: number | undefined;
  /** Of which flow, from 1; the first if absent. */
  readonly flow?: number | undefined;
  /** Its side ends its stream behind it. */
  readonly fin?: boolean | undefined;
}

export interface Talk {
  readonly protocol: string;
  /** Protocols beside our own. */
  readonly plugins?: readonly AnyProtocol[] | undefined;
  readonly carrier?: 'stream' | 'datagrams' | undefined;
  readonly lines: readonly Said[];
  /** `{ 'mnet.byteOrder': 'little' }` */
  readonly dialect?: Readonly<Record<string, string>> | undefined;
  /** The protocol is recognised by what is said; otherwise the server's port is mapped to it. */
  readonly isRecognised?: boolean | undefined;
  /** Rules that are off by themselves. */
  readonly isOn?: readonly string[] | undefined;
  readonly midstream?: EngineOptions['midstream'] | undefined;
}

export interface Came {
  /** Rules, with the printed end at fault where one is. */
  readonly induced: readonly string[];
  readonly own: readonly string[];
  readonly reactions: readonly {
    readonly rule: string;
    readonly reaction: string;
    readonly messages: readonly string[];
  }[];
  readonly causes: readonly string[];
  /** Why something could not be done to a message. */
  readonly problems: readonly string[];
  /** What each side got, piece by piece, in hex. */
  readonly got: readonly [readonly string[], readonly string[]];
}

const CATALOGUE = catalogueOf(protocols);

/** @param options ids of rules to break, or faults as `--fault` spells them */
export async function outcomeOf(
  talk: Talk,
  { attacks = [], faults = [] }: { readonly attacks?: readonly string[]; readonly faults?: readonly string[] } = {},
): Promise<Came> {
  const problems: string[] = [];
  const known = [...protocols, ...(talk.plugins ?? [])];
  const catalogue = talk.plugins ? catalogueOf(known) : CATALOGUE;
  const readers = messageReadersOf(known);
  const attacking = attacksOn(attacks, known, catalogue, readers);
  const plan = parseFaults(faults, catalogue, readers);
  plan.onProblem = ({ reason }) => problems.push(reason);
  const rules = new Map(attacking.map(({ cause, provocation }) => [cause, provocation.rule]));
  const reactions: Came['reactions'][number][] = [];
  const watch = new Reactions(known, reaction => reactions.push(reaction));
  const bench = new GuardBench({
    protocol: talk.protocol,
    carrier: talk.carrier ?? 'stream',
    overseers: [...attacking, plan] satisfies Overseer[],
    engine: engineOf(talk),
  });
  bench.onDeed = deed => {
    const rule = rules.get(deed.cause);
    if (rule !== undefined) watch.attacked(rule, deed, deed.sender === 'client' ? CLIENT : SERVER);
  };
  bench.guard.watch = watch;
  const flows = Math.max(...talk.lines.map(({ flow = 1 }) => flow));
  for (let flow = 1; flow <= flows; flow++) bench.connect();
  for (const { side, bytes, after = 0, flow = 1, fin = false } of talk.lines) {
    bench.timers.pass(after * 1_000);
    if (bytes.length > 0) bench.say(side, bytes, flow);
    if (fin) bench.relay.ended(flow, side);
  }
  bench.timers.pass(2_000);
  for (let flow = 1; flow <= flows; flow++) {
    if (talk.carrier !== 'datagrams') for (const side of [CLIENT, SERVER]) bench.relay.ended(flow, side);
    bench.relay.close(flow);
  }
  const [client, server] = await bench.run.end();
  const options = { ...DEFAULT_ENGINE_OPTIONS, ...engineOf(talk), protocols: bench.run.protocols };
  const report = bothSides(client, server, bench.passedOn.facts, options);
  return {
    induced: (report.induced ?? []).map(written),
    own: report.findings.map(written),
    reactions,
    causes: bench.deeds.map(({ cause }) => cause),
    problems,
    got: bench.got,
  };
}

function engineOf({
  protocol,
  plugins = [],
  dialect = {},
  isRecognised = false,
  midstream = 'auto',
  isOn = [],
}: Talk): Partial<EngineOptions> {
  return {
    // It and what carries it: to make an engine of all takes longer than any conversation here.
    protocols: [...protocols.filter(({ id }) => id === protocol || id === 'libipc'), ...plugins],
    dialects: new Map(Object.entries(dialect)),
    severities: new Map(isOn.map(rule => [rule, 'info'])),
    midstream,
    allConnections: true,
    // Enough for any conversation here; the default would cost more time than the conversation.
    limits: { ...DEFAULT_ENGINE_OPTIONS.limits, 'stream-memory': 2 ** 20 },
    ...(isRecognised && { decodeAs: [] }),
  };
}

function written({ ruleId, atFault }: Finding): string {
  return atFault === null ? ruleId : `${ruleId} ${atFault === SERVER_END ? 'server' : 'client'}`;
}

const SERVER_END = '10.0.0.2:7000';

/** A way to provoke a rule, and the conversation in which it is tried. */
export interface Try extends Talk {
  /** How the side that was attacked takes it in this conversation; nothing is demanded if absent. */
  readonly reaction?: ReactionKind;
}

/**
 * Tests of a protocol: each of its rules is either provoked by its first provocation, or listed with the reason why no change
 * of what passes can provoke it.
 */
export function describeProvocations(
  protocol: AnyProtocol,
  tries: Readonly<Record<string, Try>>,
  excluded: Readonly<Record<string, string>>,
): void {
  const { id, provocations = [] } = protocol;
  const rules = [...protocol.rules, ...(protocol.framing?.rules ?? [])];
  const named = (rule: string) => `${id}/${rule}`;

  test('each rule can be provoked, or it says why not', () => {
    const provokable = Object.keys(tries).map(named);
    expect(new Set(provocations.map(({ rule }) => rule))).toEqual(new Set(provokable));
    expect([...provokable, ...Object.keys(excluded).map(named)].sort()).toEqual(rules.map(rule => rule.id).sort());
  });

  const unattacked = new Map<Try, Came>();
  test.each(Object.entries(tries))('%s', async (rule, tried) => {
    const { reaction } = tried;
    const without = unattacked.get(tried) ?? (await outcomeOf(tried));
    unattacked.set(tried, without);
    const came = await outcomeOf(tried, { attacks: [named(rule)] });
    expect(came.problems).toEqual([]);
    expect(without.induced).toEqual([]);
    expect(came.induced.map(found => found.split(' ')[0])).toContain(named(rule));
    expect(added(came.own, without.own)).toEqual([]);
    expect(came.reactions.at(-1)).toMatchObject({ rule: named(rule), ...(reaction && { reaction }) });
  });
}

/** What the receiver of each line would refuse it with, in hex; the name of the message where there is no way. */
export function refusalsIn(talk: Talk): readonly string[] {
  const refused: string[] = [];
  const overseer: Overseer = {
    message: seen => {
      const { refusals } = protocols.find(({ id }) => id === seen.protocol) ?? {};
      const bytes = refusals?.of?.(seen);
      refused.push(bytes ? Buffer.from(bytes).toString('hex') : seen.name);
      return [];
    },
  };
  const bench = new GuardBench({
    protocol: talk.protocol,
    carrier: talk.carrier ?? 'stream',
    overseers: [overseer],
    engine: engineOf(talk),
  });
  bench.connect();
  for (const { side, bytes } of talk.lines) bench.say(side, bytes);
  return refused;
}

/** Those of which there are more than before, and for which somebody is at fault. */
export function added(found: readonly string[], before: readonly string[]): readonly string[] {
  const left = [...before];
  return found.filter(finding => {
    const at = left.indexOf(finding);
    if (at >= 0) left.splice(at, 1);
    return at < 0 && finding.includes(' ');
  });
}
