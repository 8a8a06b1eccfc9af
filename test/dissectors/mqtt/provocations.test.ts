/** How each rule of MQTT is broken on purpose in a conversation that breaks none, and which cannot be. */
import { describe, expect, test } from 'vitest';
import { protocols } from '../../../dissectors/index.ts';
import { PROVOCATIONS } from '../../../dissectors/mqtt/provocations.ts';
import { RULES } from '../../../dissectors/mqtt/rules.ts';
import { type Attack, attacksOn } from '../../../src/faults/attack.ts';
import { settingOf } from '../../../src/faults/set.ts';
import { catalogueOf } from '../../../src/filter/catalogue.ts';
import { withCarrierOptions } from '../../../src/protocol/carrier.ts';
import { DEFAULT_LIMITS } from '../../../src/protocol/limits.ts';
import { Reactions } from '../../../src/proxy/reactions.ts';
import { bothSides } from '../../../src/proxy/two-sides.ts';
import type { Reaction } from '../../../src/report/interference.ts';
import type { RunReport } from '../../../src/report/run-report.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../../src/run/options.ts';
import { CLIENT, GuardBench, SERVER } from '../../kit/guard-bench.ts';
import { sourceText } from '../../kit/sources.ts';
import { SCRIPTS, type Script, scriptOf } from './attacked-scripts.ts';

const known = withCarrierOptions(protocols);
const catalogue = catalogueOf(known);
const setField = settingOf(known);

interface Attacked {
  readonly report: RunReport;
  readonly reactions: readonly Reaction[];
  readonly deeds: number;
}

async function played(
  { play, dialect = {} }: Script,
  attacks: readonly Attack[] = [],
  closes = false,
): Promise<Attacked> {
  const engine = {
    protocols: known,
    dialects: new Map(Object.entries(dialect)),
    allConnections: true,
    // Enough for these conversations; the default would cost more time than they do.
    limits: { ...DEFAULT_LIMITS, 'stream-memory': 1024 * 1024 },
  };
  const bench = new GuardBench({ protocol: 'mqtt', overseers: attacks, engine });
  const reactions: Reaction[] = [];
  const watch = new Reactions(known, reaction => reactions.push(reaction));
  bench.guard.watch = watch;
  bench.onDeed = deed => {
    const attack = attacks.find(({ cause }) => cause === deed.cause);
    if (attack) watch.attacked(attack.provocation.rule, deed, deed.sender === 'client' ? CLIENT : SERVER);
  };
  bench.closesAtDeeds = closes;
  play(bench);
  for (let flow = bench.flows; flow > 1; flow--) bench.close(flow);
  const [client, server] = await bench.over();
  const options = { ...DEFAULT_ENGINE_OPTIONS, ...engine };
  return { report: bothSides(client, server, bench.passedOn.facts, options), reactions, deeds: bench.deeds.length };
}

/** Rules after whose breach the peer must not go on as if nothing had happened: here it ends the connection. */
const REFUSED: readonly string[] = [
  'reserved-type',
  'wrong-direction',
  'header-flags',
  'publish-qos',
  'connect-reserved-flag',
  'will-qos',
  'will-flags',
  'password-without-username',
  'subscription-id-from-client',
  'varint-not-minimal',
  'property-value',
  'length',
  'connect-payload',
  'utf8',
  'utf8-null',
  'subscribe-empty',
  'unsubscribe-empty',
  'subscribe-options',
  'no-local-shared',
  'client-id-empty',
  'auth-data-without-method',
  'reason-code',
  'session-present-refused',
  'topic-alias-zero',
  'topic-empty',
  'filter-wildcard',
  'connect-repeated',
  'client-id-refused',
  'after-refusal',
  'auth-unexpected',
  'topic-alias-unknown',
  'packet-id-in-use',
  'resent-in-connection',
].map(id => `mqtt/${id}`);

const blamed = ({ findings }: RunReport) => findings.map(({ ruleId, atFault }) => `${ruleId} ${atFault}`);

/** Why the others cannot. */
const REASONS: Readonly<Record<string, readonly string[]>> = {
  'not a breach of anybody': ['unknown-version', 'legacy-version', 'midstream'],
  'how one side takes what the other has broken: an attack shows it, and does not bring it about': [
    'bad-connect-accepted',
    'bad-connect-answered',
    'malformed-accepted',
    'keep-alive-not-enforced',
  ],
  'a fault is aimed at a message, and before the CONNECT there is none': ['connack-unsolicited'],
  'takes what another connection says at the same time': ['assigned-client-id-in-use', 'takeover-not-closed'],
  'takes an earlier message once more, under another identifier, to another client, or after it was kept': [
    'forward-duplicate',
    'shared-duplicate',
    'no-local',
    'delivery-after-unsubscribe',
    'retained-unexpected',
    'will-unexpected',
    'will-altered',
  ],
  'takes an identifier out of a message, or puts one in: no field can be set that is not there': ['forward-qos'],
};

test('each rule has a way to break it, or a reason why there is none', () => {
  const reasons = Object.values(REASONS).flatMap(ids => ids.map(id => `mqtt/${id}`));
  const all = [...PROVOCATIONS.map(({ rule }) => rule), ...reasons];
  expect(all.sort()).toEqual(RULES.map(({ id }) => id).sort());
  const numbers = `${PROVOCATIONS.length} of the ${RULES.length} rules can be broken this way`;
  expect(sourceText('dissectors/mqtt/README.md')).toContain(numbers);
});

test('no script breaks a rule by itself', async () => {
  for (const [name, script] of Object.entries(SCRIPTS)) {
    const { report } = await played(script);
    expect([name, blamed(report), report.induced ?? []]).toEqual([name, [], []]);
  }
});

describe('broken on purpose', () => {
  test.each(PROVOCATIONS.map(({ rule }) => rule))('%s', async rule => {
    const [attack] = attacksOn([rule], known, catalogue, { setField });
    const { report, reactions, deeds } = await played(SCRIPTS[scriptOf(rule)], [attack], REFUSED.includes(rule));
    expect(deeds).toBeGreaterThan(0);
    expect((report.induced ?? []).map(({ ruleId }) => ruleId)).toContain(rule);
    expect(blamed(report)).toEqual([]);
    expect(reactions.map(reaction => reaction.rule)).toEqual([rule]);
  });
});
