import { describe, expect, test } from 'vitest';
import { History } from '../../../src/history/history.ts';
import { Traffic } from '../../../src/testkit.ts';
import { Marks } from '../../../src/tui/model/marks.ts';
import { messageAt, placeOf, rangeOf } from '../../../src/tui/model/places.ts';
import { historyOf } from '../../kit/history.ts';
import { barText, modelOf, press } from '../../kit/looking.ts';
import { word } from '../../kit/word.ts';

const CAPTURES = ['mnet/echo-small.pcap', 'captures/empty.pcap', 'mnet/faults.pcap'];

describe('a place', () => {
  test('leads back to its very message, in each of several captures', async () => {
    const { history } = await historyOf(CAPTURES);
    for (let message = 0; message < history.messages.count; message++) {
      expect(messageAt(history, placeOf(history, message))).toBe(message);
    }
  });

  test('tells the messages of one segment apart', async () => {
    const traffic = new Traffic();
    traffic.connect('10.0.0.1:1000', '10.0.0.2:7').client('0001 61 0001 62 0001 63').server('0001 64 0001 65');
    const decodeAs = [{ transport: 'tcp', from: 7, to: 7, protocol: 'word' }] as const;
    const { history } = await historyOf(traffic.pcap(), { protocols: [word], decodeAs });
    const all = Array.from({ length: history.messages.count }, (_, message) => message);
    expect(all.map(message => history.messages.frame(message))).toEqual([4, 4, 4, 5, 5]);
    expect(all.map(message => messageAt(history, placeOf(history, message)))).toEqual(all);
  });

  test('holds in a run that has numbered its messages in another way', async () => {
    const { history } = await historyOf(CAPTURES);
    const [first] = rangeOf(history, 2);
    const place = placeOf(history, first);
    const { history: other } = await historyOf(['captures/empty.pcap', 'captures/empty.pcap', 'mnet/faults.pcap']);
    expect(messageAt(other, place)).toBe(0);
  });

  test('is nowhere before its frame was read', async () => {
    const { history } = await historyOf('mnet/faults.pcap');
    expect(messageAt(new History(history.protocols), placeOf(history, 3))).toBe(-1);
    expect(messageAt(history, { ...placeOf(history, 3), frame: 4711 })).toBe(-1);
  });

  test('is the last message of the frame where there are fewer now', async () => {
    const { history } = await historyOf('mnet/faults.pcap');
    expect(messageAt(history, { ...placeOf(history, 3), before: 7 })).toBe(3);
  });

  test('a frame is looked for in the capture one is in', async () => {
    const model = modelOf(await historyOf(CAPTURES));
    press(model, ': "connection 2" enter : "goto 17" enter');
    expect([model.history.connections.capture(model.connection), model.said]).toEqual([2, undefined]);
    expect(model.history.messages.frame(model.message)).toBe(17);
    press(model, ': "connection 1" enter : "goto 17" enter');
    expect(model.history.connections.capture(model.connection)).toBe(0);
  });
});

describe('marks', () => {
  test('run out of letters, and say so', async () => {
    const model = modelOf(await historyOf('mnet/echo-large.pcap'));
    press(model, '2');
    for (let count = 0; count < 27; count++) press(model, 'M j');
    expect(model.marks.letters).toHaveLength(26);
    press(model, 'M');
    expect(barText(model, 'status')).toContain('all 26 marks are in use');
  });

  test('are looked for in the next run until they are found', async () => {
    const { history } = await historyOf('mnet/faults.pcap');
    const marks = new Marks();
    marks.set('a', 'message', 5, history);
    marks.forgetNumbers();
    marks.seek(new History(history.protocols));
    expect(marks.get('a')?.message).toBe(-1);
    marks.seek(history);
    expect(marks.get('a')?.message).toBe(5);
  });
});
