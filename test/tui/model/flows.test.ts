import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { concat, hex } from '../../../src/testkit/bytes.ts';
import { pcap } from '../../../src/testkit/capture.ts';
import { udpFrame } from '../../../src/testkit/packet.ts';
import type { Model } from '../../../src/tui/model/model.ts';
import { compose } from '../../../src/tui/plan/compose.ts';
import { historyOf, type PastRun } from '../../kit/history.ts';
import { barText, modelOf, paneText, press, runOf, settle } from '../../kit/looking.ts';
import { TcpTalk } from '../../kit/tcp.ts';

const text = (line: string) => Uint8Array.from(Buffer.from(line, 'latin1'));

/** Conversations one behind the other, each on a port of its own, and two datagrams. */
function capture(): Uint8Array {
  const talks = [
    new TcpTalk({ client: '10.0.0.1:40000', server: '10.0.0.2:22' })
      .open()
      .server('SSH-2.0-x\r\n')
      .client('SSH-2.0-y\r\n'),
    new TcpTalk({ client: '10.0.0.1:40001', server: '10.0.0.2:80', seconds: 1100 })
      .open()
      .client('GET / HTTP/1.1\r\n\r\n'),
    new TcpTalk({ client: '10.0.0.1:40002', server: '10.0.0.2:443', seconds: 1200 })
      .open()
      .client(hex('16 03 01 00 05 01 00 00 01 00')),
    new TcpTalk({ client: '10.0.0.1:40003', server: '10.0.0.2:9', seconds: 1300 })
      .open()
      .client('GETAWAY \u001b[31m\r\n'),
    new TcpTalk({ client: '10.0.0.2:9000', server: '10.0.0.1:40004', seconds: 1400 }).open().client('?'),
  ].map(talk => talk.pcap());
  const datagrams = pcap([
    { bytes: udpFrame('10.0.0.1:5000', '10.0.0.2:5353', text('who\u009b')), seconds: 1500 },
    { bytes: udpFrame('10.0.0.2:5353', '10.0.0.1:5000', text('me')), seconds: 1501 },
  ]);
  return concat(talks[0], ...[...talks.slice(1), datagrams].map(bytes => bytes.subarray(24)));
}

let past: PastRun;
let model: Model;
beforeAll(async () => {
  past = await historyOf(capture());
});
beforeEach(() => {
  model = press(modelOf(past), '8');
});

const rows = () =>
  paneText(model, 'flows')
    .slice(1)
    .map(line => line.trim().replace(/ +/g, ' '));
const titles = () => compose(model).panes.map(({ title }) => title);

describe('the list', () => {
  test('has a row a flow, with its ends, what passed each way, and what it begins with', () => {
    expect(titles()).toEqual(['Flows of no known protocol: 6', 'Flow']);
    expect(rows()).toEqual([
      '1 0.000000 4.000000 tcp 10.0.0.1:40000 10.0.0.2:22 3/2 11/11 looks like SSH SSH-2.0-y..',
      '6 100.000000 103.000000 tcp 10.0.0.1:40001 10.0.0.2:80 3/1 18/0 looks like HTTP GET / HTTP/1.1....',
      '10 200.000000 203.000000 tcp 10.0.0.1:40002 10.0.0.2:443 3/1 10/0 looks like TLS ..........',
      '14 300.000000 303.000000 tcp 10.0.0.1:40003 10.0.0.2:9 3/1 15/0 GETAWAY .[31m..',
      '18 400.000000 403.000000 tcp 10.0.0.2:9000 10.0.0.1:40004 3/1 1/0 ?',
      '22 500.000000 501.000000 udp 10.0.0.1:5000 10.0.0.2:5353 1/1 4/2 who.',
    ]);
  });

  test.each([
    [80, 24],
    [120, 40],
    [200, 60],
  ])('fits a screen of %i by %i, with all ends in sight', (width, height) => {
    model.resize(width, height);
    for (const row of rows().slice(0, 3)) expect(row).toMatch(/tcp 10\.0\.0\.1:4000\d 10\.0\.0\.2:\d+ 3\/[12]/);
  });

  test('is a view that can be named', () => {
    const named = press(modelOf(past), ': "view flows" enter');
    expect(named.view).toBe('flows');
    press(model, 'escape');
    expect(model.view).toBe('connections');
    expect(paneText(model, 'connections').join()).toContain('8 lists the flows');
  });

  test('says so where there are none', async () => {
    const known = press(modelOf(await historyOf('mnet/echo-small.pcap')), '8');
    expect(paneText(known, 'flows')[1]).toContain('no UDP or TCP flow of an unknown protocol');
    press(known, 'm escape enter y');
    expect(barText(known, 'status')).toContain('nothing here to copy');
  });

  test('says how much belongs to flows for which there was no room', async () => {
    const few = press(modelOf(await historyOf(capture(), {}, undefined, 2)), '8');
    const [{ title }] = compose(few).panes;
    expect(title).toBe('Flows of no known protocol: 2, and 14 packets of others');
  });
});

describe('one flow', () => {
  test('is shown with the first bytes of each side, escaped', () => {
    press(model, 'G enter');
    expect(model.focus).toBe('flow');
    expect(paneText(model, 'flow').map(line => line.trimEnd())).toEqual([
      'udp 10.0.0.1:5000 -> 10.0.0.2:5353',
      'from frame 22, 500.000000, to 501.000000',
      '',
      '10.0.0.1:5000 sent 1 packet, 4 bytes:',
      expect.stringMatching(/^0000 77 68 6f 9b +who\.$/),
      '',
      '10.0.0.2:5353 sent 1 packet, 2 bytes:',
      expect.stringMatching(/^0000 6d 65 +me$/),
      '',
      'm decodes udp.port==5353 as a protocol',
    ]);
  });

  test('is copied by its ends and its bytes', () => {
    press(model, 'y b');
    expect(model.takeEffects()).toEqual([
      { kind: 'copy', text: Buffer.from('SSH-2.0-y\r\n').toString('hex'), what: 'first bytes of the first end' },
    ]);
  });
});

describe('decode as', () => {
  const asked = () =>
    model.mode.kind === 'choice'
      ? `${model.mode.question}: ${model.mode.choices.map(({ key, label }) => `${key} ${label}`).join(', ')}`
      : '';

  test('offers the protocols that the transport can carry', () => {
    press(model, 'm');
    expect(asked()).toBe('decode tcp.port==22 as: 1 filestorage, 2 libipc, 3 ministreaming, 4 mqtt, m another');
    press(model, 'escape G m');
    expect(asked()).toBe('decode udp.port==5353 as: 1 ministreaming, 2 mnet, m another');
  });

  test('takes the port that is no client’s', () => {
    press(model, 'j j j j m');
    expect(asked()).toMatch(/^decode tcp\.port==9000 as/);
  });

  test('leads to the line that says anything else', () => {
    press(model, 'm m');
    expect(model.mode).toMatchObject({ kind: 'line', purpose: 'decode-as', start: 'tcp.port==22,' });
  });

  /** Chooses a protocol for the chosen flow, and judges the captures again. */
  async function decode(key: string, setting: string, transport: 'tcp' | 'udp', port: number): Promise<PastRun> {
    press(model, `m ${key}`);
    const settings = { decodeAs: [setting], dialects: [] };
    expect(model.takeEffects()).toEqual([{ kind: 'rejudge', settings, setting }]);
    const protocol = setting.split(',')[1] ?? '';
    const again = await historyOf(capture(), { decodeAs: [{ transport, from: port, to: port, protocol }] });
    model.adopt(runOf(again), settings, setting);
    settle(model);
    return again;
  }

  test('judges again, and the flow is a connection then', async () => {
    press(model, 'G');
    const { history } = await decode('2', 'udp.port==5353,mnet', 'udp', 5353);
    expect([model.view, model.connection]).toEqual(['connections', 1]);
    expect(history.connections.endpoint(1, 1)).toBe('10.0.0.2:5353');
    press(model, 'escape 8');
    expect(titles()[0]).toBe('Flows of no known protocol: 5');
  });

  test('says so where the flow has no message of the protocol', async () => {
    await decode('4', 'tcp.port==22,mqtt', 'tcp', 22);
    expect(model.view).toBe('flows');
    expect(barText(model, 'status')).toContain('tcp.port==22,mqtt: not one message in the flow');
  });
});
