/**
 * Many conversations of many hosts in one capture, as it is and under the conditions of the field: doubled packets, fragments, losses,
 * clocks. Its shares, put together, are the capture as a whole, or they say that they are not.
 */
import { expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { openBytes } from '../../src/capture/open.ts';
import { DEFAULT_LIMITS } from '../../src/protocol/limits.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../src/run/options.ts';
import { parseDecodeAs } from '../../src/settings/words.ts';
import { type Captured, captureFile } from '../field/captured.ts';
import { CONDITIONS } from '../field/conditions.ts';
import type { Conversation } from '../field/conversation.ts';
import { conforming, faulty } from '../field/conversations.ts';
import { Dice } from '../field/dice.ts';
import { moved } from '../kit/moved.ts';
import { divided } from '../kit/shares.ts';

const RUNS = Number(process.env.SHARED_RUNS ?? 12);
const MOST_PACKETS = 150;

const MAPPED = ['udp.port==26999,mnet', 'udp.port==7654,ministreaming', 'tcp.port==9000,filestorage'];
const OPTIONS = {
  ...DEFAULT_ENGINE_OPTIONS,
  protocols,
  // Enough for any capture here, and quickly made.
  limits: { ...DEFAULT_LIMITS, 'stream-memory': 2 ** 20, flows: 4_096 },
};

/** With hosts of its own: its client always, its server where it does not share it with others. */
function placed({ packets }: Conversation, number: number, dice: Dice): Captured[] {
  const server = dice.roll(2) === 0 ? [10, number + 101, 0, 2] : [10, 0, 0, 2];
  const delay = dice.roll(3_000_000);
  const first = packets[0]?.time ?? 0;
  return moved(packets.slice(0, MOST_PACKETS), [10, number + 1, 0, 1], server).map(packet => {
    return { ...packet, time: 1.7e15 + packet.time - first + delay };
  });
}

const conversations = (async () => {
  const all = [...(await conforming(4, 20)), ...(await faulty(20))];
  return all.filter(({ settings: { dialect = {}, midstream }, protocol }) => {
    const isKnown = !['kv', 'resp', 'modbus'].includes(protocol);
    return isKnown && Object.keys(dialect).length === 0 && midstream === undefined;
  });
})();

test('shares are put together to what the whole capture gives, or not at all', async () => {
  const all = await conversations;
  const reasons = new Map<string, number>();
  const count = { joined: 0, again: 0, spread: 0 };
  for (let run = 0; run < RUNS; run++) {
    const dice = new Dice(`mixed ${run}${process.env.SHARED_SEED ?? ''}`);
    const some = Array.from({ length: 4 + dice.roll(24) }, () => dice.pick(all));
    const packets = some
      .flatMap((conversation, number) => placed(conversation, number, dice))
      .sort((one, other) => one.time - other.time)
      .map((packet, index) => ({ ...packet, origin: index + 1 }));
    const condition = dice.roll(3) === 0 ? undefined : dice.pick(CONDITIONS);
    const changed = condition?.captures(packets, dice, 1)[0] ?? { packets, detail: '' };
    const file = captureFile(changed.packets.slice(0, 6_000));
    const options = {
      ...OPTIONS,
      allConnections: dice.roll(2) === 0,
      maxFindings: dice.pick([1, 100]),
      capture: dice.pick(['auto', 'auto', 'auto', 'lossy', 'complete'] as const),
      midstream: dice.pick(['auto', 'auto', 'never'] as const),
      decodeAs: MAPPED.filter(() => dice.roll(2) === 0).map(text => parseDecodeAs(text, protocols)),
      limits: { ...OPTIONS.limits, connections: dice.pick([2, 10_000]), findings: dice.pick([20, 25_000, 25_000]) },
    };
    const of = dice.pick([2, 2, 3, 4]);
    const outcome = await divided(() => openBytes(file, 'mixed.pcap'), options, of);
    const name = `run ${run}: ${some.length} conversations in ${of}, ${condition?.name ?? 'as it is'} ${changed.detail}`;
    if (outcome.connections.filter(each => each > 0).length > 1) count.spread++;
    if (outcome.shares === undefined) {
      reasons.set(outcome.reason!, (reasons.get(outcome.reason!) ?? 0) + 1);
      continue;
    }
    count.joined++;
    if (outcome.again) count.again++;
    if (outcome.shares !== outcome.whole) {
      expect(JSON.parse(outcome.shares), name).toEqual(JSON.parse(outcome.whole));
      expect(outcome.shares, name).toBe(outcome.whole);
    }
  }
  if (process.env.SHARED_RUNS) console.log(count, reasons);
  expect(count.spread).toBeGreaterThan(RUNS * 0.7);
  expect(count.joined).toBeGreaterThan(RUNS * 0.3);
}, 60_000);
