/** From a request to its answer, and what is said of them. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseDecodeAs } from '../../../src/settings/words.ts';
import { Traffic } from '../../../src/testkit.ts';
import type { Model } from '../../../src/tui/model/model.ts';
import { compose } from '../../../src/tui/plan/compose.ts';
import { ask } from '../../kit/ask.ts';
import { historyOf, type PastRun } from '../../kit/history.ts';
import { modelOf, paneText, press, settle } from '../../kit/looking.ts';

const ANN = '10.0.0.1:1000';
const BOB = '10.0.0.2:2000';

/** ASKs 1 to 3 in frames 1 to 3; 2 is answered in frame 4, 1 in frames 5 to 9, over and over. */
let past: PastRun;
let model: Model;

beforeAll(async () => {
  const traffic = new Traffic();
  for (const id of ['0001', '0002', '0003']) traffic.datagram(ANN, BOB, `01 ${id}`);
  for (const id of ['0002', '0001', '0001', '0001', '0001', '0001']) traffic.datagram(BOB, ANN, `02 ${id}`);
  const protocols = [ask(true)];
  past = await historyOf(traffic.pcap(), { protocols, decodeAs: [parseDecodeAs('udp.port==2000,ask', protocols)] });
});

beforeEach(() => {
  model = press(modelOf(past), '2 g');
});

const frame = () => model.history.messages.frame(model.message);
const title = () => compose(model).panes.find(({ kind }) => kind === 'fields')?.title;
const dotted = () => paneText(model, 'messages').filter(text => text.includes('•'));

describe('%', () => {
  test('goes from a request to its answer, and back', () => {
    press(model, 'j %');
    expect([frame(), model.said?.text]).toEqual([4, 'frame 4 answers 2 after 0.002000 s']);
    press(model, '%');
    expect([frame(), model.said?.text]).toEqual([2, 'frame 2 is answered in 4']);
  });

  test('goes round all answers of a request', () => {
    const visited: number[] = [];
    for (let presses = 0; presses < 6; presses++) {
      press(model, '%');
      visited.push(frame());
    }
    expect(visited).toEqual([5, 6, 7, 8, 9, 1]);
    expect(model.said?.text).toBe('frame 1 is answered in 5, 6, 7 and 2 more');
  });

  test('shows the answer though the filter hides it, and two strokes lead back', () => {
    settle(press(model, '/ "type == ASK" enter'));
    press(model, 'g j %');
    expect([frame(), dotted().length]).toEqual([4, 1]);
    press(model, "' '");
    expect(frame()).toBe(2);
  });

  test('says of a message without one that there is none', () => {
    press(model, 'j j %');
    expect([frame(), model.said?.text]).toEqual([3, 'frame 3 answers nothing, and nothing answers it']);
  });

  test('without a message has nowhere to go', async () => {
    const empty = press(modelOf(await historyOf('captures/empty.pcap')), '3 %');
    expect(empty.said?.text).toBe('no message selected');
  });
});

test('what belongs to the chosen message has a dot, in the ladder and in the list, and stands in the title', () => {
  press(model, 'j');
  expect(dotted()).toEqual([expect.stringMatching(/^ *•4 /)]);
  expect(title()).toBe('Frame 2: ASK, is answered in 4');
  press(model, 'c G');
  expect(dotted().map(text => /•(\d+)/.exec(text)?.[1])).toEqual(['1', '5', '6', '7', '8']);
  expect(title()).toBe('Frame 9: ANSWER, answers 1 after 0.008000 s');
  press(model, 'k k k k k k');
  expect(dotted()).toEqual([]);
});
