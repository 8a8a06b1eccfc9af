/**
 * For every rule of MQTT a conversation that breaks it, and one beside it that does not, said again through the proxy: the live
 * run finds what the capture shows. What several versions share is said in the latest, and of what breaks nothing every other
 * conversation is said; `WIRELINT_SWEEPS=all` says all.
 */
import { describe, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { openBytes } from '../../src/capture/open.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../src/run/options.ts';
import { FIN, SYN } from '../../src/testkit/packet.ts';
import { CASES } from '../dissectors/mqtt/cases/all.ts';
import { TWINS } from '../dissectors/mqtt/conforming/all.ts';
import { scene } from '../kit/mqtt-judge.ts';
import { MqttNet, otherSide } from '../kit/mqtt-net.ts';
import { checked, expectParity, streamsIn, throughProxy } from '../kit/parity.ts';
import { oneOfEach, placesOf } from '../kit/portion.ts';

const PORT = { transport: 'tcp', from: 1883, to: 1883, protocol: 'mqtt' } as const;
const VERSIONS = { 3: '3.1', 4: '3.1.1', 5: '5.0' } as const;

/** @param settings without the protocol's id: `{ sees: 'broker' }` */
async function expectSame(net: MqttNet, settings: Readonly<Record<string, string>>): Promise<void> {
  const dialect = Object.fromEntries(Object.entries(settings).map(([name, value]) => [`mqtt.${name}`, value]));
  const script = await streamsIn(await openBytes(net.pcap()));
  const outcome = await throughProxy({ protocol: 'mqtt', dialect }, script, 'tcp');
  const dialects = new Map(Object.entries(dialect));
  const options = { ...DEFAULT_ENGINE_OPTIONS, protocols, dialects, decodeAs: [PORT], capture: 'complete' } as const;
  expectParity(outcome, await checked(await openBytes(net.pcap()), options));
}

/** Somebody speaks before he has what was said to him. Scripted peers wait, so that it cannot be said again like this. */
function crosses({ segments }: MqttNet): boolean {
  const sent = new Map<string, number>();
  return segments.some(({ connection, side, flags, at, bytes, acknowledged }) => {
    const heard = sent.get(`${connection} ${otherSide(side)}`) ?? 0;
    if (!(flags & SYN)) sent.set(`${connection} ${side}`, at + bytes.length + (flags & FIN ? 1 : 0));
    return bytes.length > 0 && acknowledged < heard;
  });
}

const latest = <Told extends { readonly level: 3 | 4 | 5; readonly rule: string }>(all: readonly Told[]) =>
  oneOfEach(
    all.toSorted((one, other) => other.level - one.level),
    ({ rule }) => rule,
  ).map(one => ({ ...one, version: VERSIONS[one.level] }));

describe('each rule broken', () => {
  // A proxy is there from a connection's start.
  const live = CASES.filter(({ rule }) => rule !== 'midstream');

  test.each(latest(live))('$rule, $version', async ({ level, options, talk }) => {
    const stage = scene(level);
    talk(stage);
    await expectSame(stage.net, options.dialect ?? {});
  });
});

describe('each rule kept', () => {
  // What a rule does not speak of is mostly the capture's own: a beginning that was missed, an acknowledgement that never came.
  const said = TWINS.filter(({ isAsked }) => isAsked).map(twin => {
    const stage = scene(twin.level, new MqttNet(twin.choice.net));
    twin.talk(stage);
    return { ...twin, net: stage.net };
  });

  const kept = latest(said.filter(({ net }) => !crosses(net)));

  test.each(placesOf(kept.length, 2, 0).map(place => kept[place]))(
    '$rule, $version: $what',
    async ({ net, choice }) => {
      await expectSame(net, choice.options?.dialect ?? {});
    },
  );
});
