import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Model } from '../../../src/tui/model/model.ts';
import { compose } from '../../../src/tui/plan/compose.ts';
import { answerFollow } from '../../kit/following.ts';
import { fixtureBytes, historyOf, type PastRun } from '../../kit/history.ts';
import { barText, modelOf, paneText, press, runOf, settle } from '../../kit/looking.ts';
import { TcpTalk } from '../../kit/tcp.ts';
import { expectToFit } from '../panes/lines.ts';

/** One connection over TCP; its messages end in frames 4, 6, 8, 10, 12, 14, 17, 19, 21 and 23. */
const CAPTURE = 'filestorage/2020-01-02-pipelined.pcap';
let past: PastRun;
let model: Model;

beforeAll(async () => {
  past = await historyOf(CAPTURE);
});

beforeEach(() => {
  model = modelOf(past);
});

/** Keys, and what the app does about them. */
async function follow(keys: string): Promise<string[]> {
  await answerFollow(press(model, keys), fixtureBytes(CAPTURE));
  return paneText(model, 'stream').map(text => text.trimEnd());
}

const title = () => compose(model).panes[0]!.title;
const chosenRow = () => model.stream!.rowText(model.window('stream').selected);

describe('F', () => {
  test('shows the connection as text, each side behind its mark, and once more goes back', async () => {
    const rows = await follow('F');
    expect(rows[0]).toMatch(/^> \\x02\\x00\\x00\\x01\\xc7\\x01\{"mid":"7c8c2e78/);
    expect(rows.filter(text => text.startsWith('<')).join('')).toContain('"response":"Ok"}');
    expect(title()).toBe('Stream of connection 1: text, both sides; > 4,927 bytes, < 498 bytes');
    expect(press(model, 'F').view).toBe('connections');
  });

  test('on a message begins at its first byte', async () => {
    await follow('2 j F');
    expect(chosenRow()).toMatch(/^\\x02\\x00\\x00\\x00\\xdc\\x05\{"mid"/);
    expect(barText(model, 'status')).toMatch(/^ frame 6, server, byte 0 /);
  });

  test('on a finding begins at its message', async () => {
    await follow('4 F');
    expect(barText(model, 'status')).toMatch(/^ frame 10, client, byte /);
  });

  test('says how far the capture is read, until it is', () => {
    press(model, 'F');
    model.stream!.stream.progress = 0.34;
    expect(title()).toMatch(/; reading, 34 %$/);
    expect(paneText(model, 'stream')).toEqual(['reading the capture']);
  });

  test('reads again what has come since', async () => {
    await follow('F');
    const first = model.stream;
    past.history.captures[0]!.packets++;
    press(model, 'F');
    past.history.captures[0]!.packets--;
    expect([model.view, model.stream === first, model.takeEffects().length]).toEqual(['stream', false, 1]);
  });

  test('is left when another run takes the place of this one', async () => {
    await follow('2 F');
    model.adopt(runOf(past), { decodeAs: [], dialects: [] }, 'mnet.tags=sender');
    expect([model.view, model.stream]).toEqual(['conversation', undefined]);
  });

  test(':follow takes a number, and says when there is none such', async () => {
    await follow(': "follow 1" enter');
    expect(model.view).toBe('stream');
    press(model, ': "follow 7" enter');
    expect(barText(model, 'complaint')).toContain('connections are numbered 1 to 1');
  });
});

test('a flow of no known protocol is followed from the list of them, and its rows are part of no message', async () => {
  const talk = new TcpTalk({ server: '10.0.0.2:22' }).open().server('SSH-2.0-x\r\n').client('SSH-2.0-y\r\n');
  const unknown = modelOf(await historyOf(talk.pcap()));
  await answerFollow(press(unknown, '8 F'), talk.pcap());
  expect(compose(unknown).panes[0]!.title).toMatch(/^Stream of tcp 10\.0\.0\.1:40000 -> 10\.0\.0\.2:22: text/);
  expect(paneText(unknown, 'stream')).toEqual(['< SSH-2.0-x', '> SSH-2.0-y']);
  press(unknown, 'enter');
  expect([unknown.view, barText(unknown, 'status')]).toEqual(['stream', ' these bytes are part of no message']);
  expect(press(unknown, 'F').view).toBe('flows');
});

describe('in the view', () => {
  test('c changes the form, s the sides, and the bar says what they would show', async () => {
    await follow('F');
    expect(barText(model, 'filter')).toMatch(/s client {2}c hex/);
    press(model, 'c');
    expect((await follow('s'))[0]).toBe(
      '> 00000000  02 00 00 01 c7 01 7b 22  6d 69 64 22 3a 22 37 63  ......{"mid":"7c',
    );
    expect(title()).toContain('hex dump, client only');
    const array = await follow('s c');
    expect(array.slice(0, 2)).toEqual([
      '< char peer1_0[] = { /* Packet 6 */',
      '<+0x02, 0x00, 0x00, 0x00, 0xdc, 0x05, 0x7b, 0x22,',
    ]);
    expect(barText(model, 'filter')).toMatch(/s both {2}c text/);
  });

  test('where one is stays in sight in another form and another width', async () => {
    await follow('2 j j j F');
    const frame = () => /frame \d+, client/.exec(barText(model, 'status'))?.[0];
    expect(frame()).toBe('frame 10, client');
    for (const keys of ['c', 'c', 'c', 's']) {
      await follow(keys);
      expect(frame()).toBe('frame 10, client');
    }
    model.resize(80, 24);
    settle(model);
    expect(frame()).toBe('frame 10, client');
  });

  test('Enter goes to the message that the row is a part of', async () => {
    await follow('F c');
    expect(press(model, 'G enter').view).toBe('conversation');
    expect(model.history.messages.frame(model.message)).toBe(23);
    await follow('F g');
    press(model, 'enter');
    expect(model.history.messages.frame(model.message)).toBe(4);
  });

  test('y copies the row, and its chunk in hex', async () => {
    await follow('F c');
    press(model, 'y l');
    expect(model.takeEffects()).toEqual([expect.objectContaining({ kind: 'copy', text: model.stream!.rowText(0) })]);
    press(model, 'y h');
    expect(model.takeEffects()).toEqual([
      expect.objectContaining({ text: expect.stringMatching(/^02000001c7017b22/) }),
    ]);
  });

  test.each([
    ['F x enter', 'connection-1.txt', 'text'],
    ['F c s x enter', 'connection-1-client.hex', 'hex'],
    ['F x C-u "a.c" enter', 'a.c', 'array'],
    ['F : "write a.bin" enter', 'a.bin', 'raw'],
    ['F c : "w noted" enter', 'noted', 'hex'],
  ])('%s writes %s as %s', async (keys, path, format) => {
    await follow('F');
    press(model, 'escape');
    await follow('F');
    press(model, keys.replace('F ', ''));
    const sides = path.includes('client') ? 'client' : 'both';
    const scope = { kind: 'stream', stream: model.stream!.stream, sides };
    expect(model.takeEffects()).toEqual([{ kind: 'export', path, format, scope, overwrite: false }]);
  });

  test('a stream is not written before it is read', () => {
    press(model, 'F');
    model.takeEffects();
    press(model, 'x enter');
    expect(barText(model, 'complaint')).toContain('still being read');
    expect(model.takeEffects()).toEqual([]);
  });

  test('no keys, in no order, throw or leave the pane', async () => {
    const keys = [
      'j',
      'k',
      'g',
      'G',
      'space',
      'pageup',
      'c',
      's',
      'enter',
      'escape',
      'F',
      'tab',
      '\\',
      'J',
      '=',
      'y',
      'n',
    ];
    const followed = await follow('F').then(() => model.stream!);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...keys), { maxLength: 25 }),
        fc.integer({ min: 40, max: 130 }),
        (pressed, width) => {
          model.goTo('stream');
          model.stream = followed;
          model.resize(width, 24);
          for (const key of pressed) {
            press(model, key);
            settle(model);
            for (const pane of compose(model).panes) {
              expectToFit(pane.lines, { width: pane.width - 2, height: pane.height - 2 });
            }
          }
          model.closeMode();
        },
      ),
      { numRuns: 12 },
    );
  });

  test.each([
    [40, 10],
    [80, 24],
    [120, 40],
    [200, 60],
  ])('fits %sx%s in each form', async (width, height) => {
    model.resize(width, height);
    for (const keys of ['F', 'c', 'c']) {
      await follow(keys);
      for (const pane of compose(model).panes)
        expectToFit(pane.lines, { width: pane.width - 2, height: pane.height - 2 });
    }
  });
});
