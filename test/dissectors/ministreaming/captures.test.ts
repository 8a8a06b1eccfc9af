/**
 * Captures of the known implementation (fixtures/ministreaming/README.md). What is expected here was worked out from the
 * payloads as tshark prints them, not from what the program said.
 */
import { describe, expect, test } from 'vitest';
import { openCapture } from '../../../src/capture/open.ts';
import { type Judged, type JudgeOptions, judgeCapture } from '../../kit/ministreaming.ts';

const judged = async (name: string, options: JudgeOptions = {}): Promise<Judged> =>
  judgeCapture(await openCapture(new URL(`../../../fixtures/ministreaming/${name}.pcap`, import.meta.url).pathname), {
    mapped: false,
    ...options,
  });

const shown = ({ connections }: Judged) =>
  connections.map(({ client, server, state, messages, verdict }) => [
    `${client.slice(-4)} > ${server.slice(-4)}`,
    state,
    messages,
    verdict,
  ]);

const CONFORMANT = 'conformant';

describe('what the known implementation sends, recognised by itself', () => {
  test('http: the server closes, the client never does', async () => {
    const found = await judged('2009-http');
    expect(found.broken).toEqual([]);
    expect(shown(found)).toEqual([['7001 > 7654', 'SERVER-CLOSED', 6, CONFORMANT]]);
    expect(found.report.protocols[0].coverage.messages).toEqual({
      'DATA (client)': 1,
      SYN: 1,
      'CLOSE (client)': 0,
      'DATA (server)': 2,
      ACK: 1,
      'CLOSE (server)': 1,
    });
  });

  test('server-greets-client-closes', async () => {
    const found = await judged('2009-server-greets-client-closes');
    expect(found.broken).toEqual([]);
    expect(shown(found)).toEqual([['7001 > 7654', 'CLIENT-CLOSED', 4, CONFORMANT]]);
  });

  test('both-close-crossing: two CLOSEs end the connection', async () => {
    const found = await judged('2009-both-close-crossing');
    expect(found.broken).toEqual([]);
    expect(shown(found)).toEqual([['7001 > 7654', 'CLOSED', 5, CONFORMANT]]);
  });

  test('both-roles: each end is the client of one connection', async () => {
    const found = await judged('2009-both-roles');
    expect(found.broken).toEqual([]);
    expect(shown(found)).toEqual([
      ['7001 > 7654', 'SERVER-CLOSED', 6, CONFORMANT],
      ['7654 > 7001', 'CLIENT-CLOSED', 5, CONFORMANT],
    ]);
  });

  test('multiplexed: four connections of one client, three of another', async () => {
    const found = await judged('2009-multiplexed');
    expect(found.broken).toEqual([]);
    const seven = (client: number): unknown[] => [`${client} > 7654`, 'CLIENT-CLOSED', 7, CONFORMANT];
    expect(shown(found)).toEqual([
      seven(7001),
      seven(7001),
      seven(7001),
      seven(7001),
      seven(7002),
      seven(7002),
      seven(7002),
    ]);
    expect(found.report.summary).toMatchObject({ packets: 49, messages: 49, connections: 7, infos: 0 });
  });

  test('data-after-close: twelve DATA cross the CLOSE of the client', async () => {
    const found = await judged('2009-data-after-close');
    expect(found.broken).toEqual(Array.from({ length: 12 }, (_, i) => `data-crossing-close ${18 + i}`));
    expect(shown(found)).toEqual([['7001 > 7654', 'CLIENT-CLOSED', 29, CONFORMANT]]);
    expect(found.report.summary).toMatchObject({ errors: 0, warnings: 0, infos: 12, verdict: 'conformant' });
  });

  test('upload-big', async () => {
    const found = await judged('2009-upload-big');
    expect(found.broken).toEqual([]);
    expect(shown(found)).toEqual([['7001 > 7654', 'CLIENT-CLOSED', 10, CONFORMANT]]);
  });

  test('refused-noaccept: refused after five seconds', async () => {
    const found = await judged('2009-refused-noaccept');
    expect(found.broken).toEqual([]);
    expect(shown(found)).toEqual([['7001 > 7654', 'REFUSED', 2, CONFORMANT]]);
    const hasty = await judged('2009-refused-noaccept', { dialect: { answerTimeout: '5s' } });
    expect(hasty.broken).toEqual(['syn-unanswered 1']);
  });

  test('refused-noserversocket: refusals with three bytes too many, and a ping of one byte', async () => {
    const found = await judged('2009-refused-noserversocket');
    expect(found.broken).toEqual(['close-payload 2', 'close-payload 4', 'close-payload 6', 'truncated-header 7']);
    expect(found.findings.map(({ atFault }) => atFault)).toEqual([
      '127.0.0.1:7654',
      '127.0.0.1:7654',
      '127.0.0.1:7654',
      '127.0.0.1:7001',
    ]);
    const refused = ['7001 > 7654', 'REFUSED', 2, 'violations'];
    expect(shown(found)).toEqual([refused, refused, refused, ['7001 > 7654', 'NONE', 1, 'violations']]);
  });

  test('refused-noserversocket in the dialect of its implementation: the ping is chaff', async () => {
    const found = await judged('2009-refused-noserversocket', { dialect: { chaff: 'ignore' } });
    expect(found.broken).toEqual(['close-payload 2', 'close-payload 4', 'close-payload 6']);
    expect(found.report.protocols[0].coverage.messages).toMatchObject({ CHAFF: 1 });
    const off = await judged('2009-refused-noserversocket', {
      dialect: { chaff: 'ignore' },
      severities: { 'close-payload': 'off' },
    });
    expect(off.broken).toEqual([]);
  });

  test('the keys are destinations of I2P', async () => {
    for (const name of ['2009-multiplexed', '2009-both-roles', '2009-upload-big']) {
      expect((await judged(name, { dialect: { key: 'i2p-destination' } })).broken).toEqual([]);
    }
  });
});
