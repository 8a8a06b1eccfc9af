import { describe, expect, test } from 'vitest';
import { emptyText } from '../../../src/tui/plan/emptiness.ts';
import { historyOf } from '../../kit/history.ts';
import { modelOf, modelOver, paneText, press, settle } from '../../kit/looking.ts';

describe('a list without rows says why', () => {
  test('nothing of a known protocol: what helps', async () => {
    const model = await modelOver('captures/kday1.pcap');
    expect(paneText(model, 'connections')[1]).toMatch(/no message of a known protocol; m decodes/);
    press(model, '4');
    expect(paneText(model, 'findings')[1]).toMatch(/no message of a known protocol/);
  });

  test('still reading', async () => {
    const model = modelOf(await historyOf('captures/empty.pcap'), {}, { state: 'reading' });
    expect(paneText(model, 'connections')[1]).toBe('no connection so far');
  });

  test('nothing was found', async () => {
    const model = press(await modelOver('ministreaming/2009-http.pcap'), '4');
    expect(paneText(model, 'findings')[1]).toBe('no finding');
  });

  test('nothing matches, or nothing yet', async () => {
    const model = press(await modelOver('mnet/faults.pcap'), '/ "frame == 99" enter');
    expect(emptyText(model, 'connections')).toBe('no connection that matches so far');
    settle(model);
    expect(paneText(model, 'connections')[1]).toBe('no connection has a message that matches');
    expect(paneText(press(model, '2'), 'messages')[1]).toBe('no message of this connection matches the filter');
    expect(paneText(press(model, '4'), 'findings')[1]).toBe('no finding matches the filter');
  });
});
