/**
 * Captures of the public implementation (fixtures/mnet/README.md). What is expected here was worked out from the packets
 * as tshark prints them, not from what the program said.
 */
import { expect, test } from 'vitest';
import { openCapture } from '../../../src/capture/open.ts';
import { type Judged, type JudgeOptions, judgeCapture } from '../../kit/mnet.ts';

const judged = async (name: string, options: JudgeOptions = {}): Promise<Judged> =>
  judgeCapture(await openCapture(new URL(`../../../fixtures/mnet/${name}`, import.meta.url).pathname), options);

const ambiguous = (frame: number) => ({ rule: 'mnet/ambiguous-reading', frame });
const reordered = (frame: number) => ({ rule: 'mnet/reordered', frame });
const mismatch = (frame: number) => ({ rule: 'mnet/tag-mismatch', frame });

test('echo-small: two readings are inferred, and nothing is wrong', async () => {
  const { broken, report, connections } = await judged('echo-small.pcap', { readings: true });
  expect(broken).toEqual([ambiguous(2), ambiguous(5)]);
  expect(report.summary).toEqual({
    packets: 28,
    messages: 28,
    connections: 1,
    errors: 0,
    warnings: 0,
    infos: 2,
    accepted: 0,
    inconclusive: 0,
    verdict: 'conformant',
  });
  expect(report.protocols[0].dialect).toMatchObject({ byteOrder: 'little', tags: 'sender' });
  expect(report.protocols[0].coverage.messages).toEqual({
    DATA: 20,
    INIT: 1,
    COOKIE: 1,
    'COOKIE-ECHO': 1,
    'COOKIE-ACK': 1,
    SHUTDOWN: 1,
    'SHUTDOWN-ACK': 2,
    'SHUTDOWN-COMPLETE': 1,
    ABORT: 0,
  });
  expect(connections).toMatchObject([
    { client: '127.0.0.1:50185', server: '127.0.0.1:26999', state: 'CLOSED', messages: 28, verdict: 'conformant' },
  ]);
});

test('echo-small with its readings settled by the user', async () => {
  const { broken } = await judged('echo-small.pcap', {
    readings: true,
    dialect: { byteOrder: 'little', tags: 'sender' },
  });
  expect(broken).toEqual([]);
});

test("echo-small held to the letter: the listener's frames from the COOKIE-ACK on carry its own tag", async () => {
  const { broken, findings, report } = await judged('echo-small.pcap', { dialect: { tags: 'initiator' } });
  expect(broken).toEqual([4, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27].map(mismatch));
  expect(new Set(findings.map(({ atFault }) => atFault))).toEqual(new Set(['127.0.0.1:26999']));
  expect(report.summary).toMatchObject({ errors: 13, verdict: 'violations' });
});

test('echo-small read as big-endian: the cookie and every DATA with data are wrong', async () => {
  const { broken } = await judged('echo-small.pcap', { dialect: { byteOrder: 'big' } });
  const withData = [5, 7, 9, 11, 13, 15, 17, 19, 21, 23];
  expect(broken.filter(({ rule }) => rule === 'mnet/data-length-mismatch').map(({ frame }) => frame)).toEqual(withData);
});

test('echo-large: three echoes of 6000 bytes', async () => {
  const { broken, report, connections } = await judged('echo-large.pcap', { readings: true });
  expect(broken).toEqual([ambiguous(2), ambiguous(5)]);
  expect(report.summary).toMatchObject({ packets: 127, messages: 127, connections: 1, verdict: 'conformant' });
  expect(report.protocols[0].coverage.messages).toMatchObject({ DATA: 120, INIT: 1, 'SHUTDOWN-ACK': 1, ABORT: 0 });
  expect(connections).toMatchObject([{ state: 'CLOSED', messages: 127, client: '127.0.0.1:47763' }]);
});

test('lossy: nobody is at fault, five old datagrams come late', async () => {
  const { broken, report, connections } = await judged('lossy.pcap', { readings: true });
  expect(broken).toEqual([ambiguous(4), ambiguous(7), ...[38, 44, 75, 78, 84].map(reordered)]);
  expect(report.summary).toEqual({
    packets: 124,
    messages: 124,
    connections: 3,
    errors: 0,
    warnings: 0,
    infos: 7,
    accepted: 0,
    inconclusive: 0,
    verdict: 'conformant',
  });
  expect(connections).toMatchObject([
    { client: '127.0.0.1:46585', state: 'ABORTED', messages: 41, verdict: 'conformant' },
    { client: '127.0.0.1:43168', state: 'ABORTED', messages: 42, verdict: 'conformant' },
    { client: '127.0.0.1:36817', state: 'CLOSED', messages: 41, verdict: 'conformant' },
  ]);
});
