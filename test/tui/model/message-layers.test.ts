import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Model } from '../../../src/tui/model/model.ts';
import { compose } from '../../../src/tui/plan/compose.ts';
import { historyOf, type PastRun } from '../../kit/history.ts';
import { modelOf, paneText, press } from '../../kit/looking.ts';

const over = (past: PastRun, width = 200, height = 60) => {
  const model = modelOf(past, {}, { frames: past.frames });
  model.resize(width, height);
  return press(model, '2 3');
};
const hexTitle = (model: Model) => compose(model).panes.find(({ kind }) => kind === 'hex')?.title;
const fields = (model: Model) => paneText(model, 'fields').map(line => line.trimEnd());
const names = (model: Model) => model.opened?.rows.map(({ path }) => path) ?? [];
const marked = (model: Model) => {
  const { hex, mark } = model.opened!;
  return Buffer.from(hex.bytes.subarray(mark!.offset, mark!.offset + mark!.length)).toString('hex');
};

describe('a datagram', () => {
  let past: PastRun;
  let model: Model;
  beforeAll(async () => {
    past = await historyOf('mnet/faults.pcap');
  });
  beforeEach(() => {
    model = over(past);
  });

  test('has the layers above its fields, each on one line, and begins on its first field', () => {
    expect(names(model).slice(0, 4)).toEqual(['~layers/frame', '~layers/ethernet', '~layers/ip', '~layers/udp']);
    expect(fields(model).slice(0, 4)).toEqual([
      expect.stringMatching(/^\+ Frame 1 +51 bytes, 2023-11-14T22:13:20\.\d+Z, 0\.0+ s$/),
      expect.stringMatching(/^\+ Ethernet +[0-9a-f:]{17} -> [0-9a-f:]{17}, IPv4$/),
      expect.stringMatching(/^\+ IPv4 +10\.0\.0\.1 -> 10\.0\.0\.9, UDP, TTL 64$/),
      expect.stringMatching(/^\+ UDP +5000 -> 26999, \d+ bytes of payload$/),
    ]);
    expect(model.opened?.field?.frame).toBeUndefined();
    expect(model.opened?.row).toBe(4);
    expect(hexTitle(model)).toBe('Bytes of the message');
  });

  test('shows the bytes of its frame while a layer is chosen, and marks those of the field', () => {
    press(model, 'k');
    expect(hexTitle(model)).toBe('Bytes of frame 1');
    press(model, 'l l');
    expect(model.opened?.field?.path).toBe('~layers/udp/sourcePort');
    expect(marked(model)).toBe('1388');
    expect(paneText(model, 'hex')[0]).toMatch(/^0000 {1,2}([0-9a-f]{2} ){6}/);
    press(model, 'g j j l j j j j j j j j j j j j');
    expect([model.opened?.field?.node.name, marked(model)]).toEqual(['source', '0a000001']);
    press(model, 'G');
    expect(hexTitle(model)).toBe('Bytes of the message');
  });

  test('a byte of the frame chooses the innermost field that is open, or its layer', () => {
    press(model, 'g tab');
    model.opened?.selectByte(26);
    expect(model.opened?.field?.path).toBe('~layers/ip');
    press(model, 'tab l tab');
    model.opened?.selectByte(26);
    expect(model.opened?.field?.path).toBe('~layers/ip/source');
    // The payload is of no layer but the frame itself.
    press(model, 'G');
    expect(model.opened?.field?.path).toBe('~layers/frame');
    expect(model.opened?.byte).toBe(50);
  });

  test('a layer stays open in the next message, and closes again', () => {
    press(model, 'k l J');
    expect(names(model)).toContain('~layers/udp/checksum');
    expect(model.opened?.field?.path).toBe('~layers/udp');
    expect(hexTitle(model)).toBe('Bytes of frame 2');
    press(model, 'h');
    expect(names(model)).not.toContain('~layers/udp/checksum');
  });

  test('a finding leads to the bytes of the message, whatever was chosen', () => {
    press(model, 'k n n n');
    expect(model.opened?.field?.frame).toBeUndefined();
    expect(model.opened?.byte).toBe(model.finding?.bytes?.offset);
    press(model, 'g n N');
    expect(model.opened?.field?.frame).toBeUndefined();
  });

  test('in a pane with little room the message comes first, and the layers are above it', () => {
    const small = over(past, 80, 24);
    expect(fields(small)[0]).not.toMatch(/Frame/);
    press(small, 'g');
    expect(fields(small)[0]).toMatch(/^\+ Frame 1/);
  });

  test('nothing of a layer is copied as a filter, and its bytes are the frame’s', () => {
    press(model, 'k l j y');
    expect(model.mode.kind === 'choice' && model.mode.choices.map(({ key }) => key)).not.toContain('f');
    press(model, 'b');
    expect(model.takeEffects()).toEqual([{ kind: 'copy', text: '1388', what: 'bytes of sourcePort' }]);
  });
});

test('a message of several segments lists its frames, with the layers of each', async () => {
  const past = await historyOf('mqtt/mosquitto-311-pipelined.pcap');
  const model = over(past);
  const large = Array.from({ length: past.history.messages.count }, (_, message) => message).find(
    message => past.history.places(message).length > 3,
  );
  model.selectMessage(large ?? -1);
  model.fit();
  const row = model.opened!.rows.findIndex(({ path }) => path === '~layers/pieces');
  expect(model.opened?.rows[row].node.display).toMatch(/^\d+ frames: (\d+, )+\d+/);
  model.opened?.selectRow(row);
  press(model, 'l l l l');
  const frame = model.opened?.rows[row + 1].frame;
  expect(model.opened?.rows[row + 1].node.display).toMatch(/^\d+ -> \d+ \[.*ACK\] seq \d+ ack \d+ win \d+ len \d+/);
  expect(hexTitle(model)).toBe(`Bytes of frame ${frame?.number}`);
  const pieces = model.opened!.rows.filter(({ path }) => /^~layers\/pieces\/\d+$/.test(path));
  expect(pieces.at(-1)?.frame?.number).toBe(past.history.messages.frame(large!));
  expect(new Set(pieces.map(piece => piece.frame?.number)).size).toBe(pieces.length);
});

test('sequence numbers are counted from the handshake, and what was sent again is said', async () => {
  const past = await historyOf('filestorage/2020-01-04-upload.pcap');
  const model = over(past);
  const tcp = () => model.opened?.rows.find(({ path }) => path === '~layers/tcp')?.node.display;
  expect(tcp()).toMatch(/ seq 1 ack 1 /);
  press(model, 'J');
  expect(tcp()).toMatch(/ seq \d{1,5} ack \d{1,5} /);
});

test('what is unfolded at the bottom of its pane shows its first field', async () => {
  const model = over(await historyOf('filestorage/2020-01-02-pipelined.pcap'), 80, 24);
  press(model, 'g');
  while (model.opened!.field!.path !== '/payload') press(model, 'j');
  press(model, 'h');
  expect(fields(model).findIndex(line => /^\+ payload/.test(line))).toBe(5);
  press(model, 'l');
  expect(fields(model).slice(4, 6)).toEqual([expect.stringMatching(/^- payload/), expect.stringMatching(/^ {4}mid/)]);
});
