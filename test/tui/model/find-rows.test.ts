import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Model } from '../../../src/tui/model/model.ts';
import { answerFollow } from '../../kit/following.ts';
import { fixtureBytes, historyOf, type PastRun } from '../../kit/history.ts';
import { barText, modelOf, press, settle } from '../../kit/looking.ts';

const CAPTURE = 'filestorage/2020-01-02-pipelined.pcap';
let past: PastRun;
let model: Model;

beforeAll(async () => {
  past = await historyOf(CAPTURE);
});

beforeEach(() => {
  model = modelOf(past);
  model.resize(80, 24);
});

async function followed(keys: string): Promise<void> {
  await answerFollow(press(model, keys), fixtureBytes(CAPTURE));
}

const status = () => barText(settle(model), 'status').trim();
const chosen = () => model.stream!.rowText(model.window('stream').selected);

describe('in a followed stream', () => {
  test('a text is found in the rows, on and back, and from the top again', async () => {
    await followed('F');
    press(model, 'C-f "\\x02\\x00\\x00\\x01" enter');
    expect(status()).toMatch(/^found in row 1 of \d+$/);
    press(model, ';');
    expect(status()).toMatch(/^found in row \d+ of \d+$/);
    expect(chosen()).toMatch(/^\\x02\\x00\\x00\\x01\\x19/);
    press(model, ',');
    expect(status()).toMatch(/^found in row 1 of/);
    press(model, ',');
    expect(status()).toMatch(/from the bottom$/);
  });

  test('a text that a row ends in is found where it begins', async () => {
    await followed('F');
    expect([0, 1, 2].map(row => model.stream!.rowText(row)).some(text => text.includes('909d-9aab'))).toBe(false);
    press(model, 'C-f "909d-9aab" enter');
    expect(status()).toMatch(/^found in row 2 of/);
  });

  test('bytes are found in each form, and of the sides that are shown', async () => {
    await followed('F c');
    press(model, 'C-f "02:00:00:00:dc" enter');
    expect(status()).toMatch(/^found in row \d+ of/);
    expect(chosen()).toMatch(/^00000000 {2}02 00 00 00 dc /);
    await followed('s g');
    press(model, ';');
    expect(status()).toBe('02:00:00:00:dc is in no row');
  });

  test('no filter is, and it says what finds one', async () => {
    await followed('F');
    press(model, 'C-f "fields: type == TRANSFER" enter');
    expect(barText(model, 'complaint')).toContain('only text or bytes can be found here');
  });
});

test('in a comparison a text is found', () => {
  model.resize(120, 40);
  press(model, '2 j j j = j = C-f "digest" enter');
  expect([model.view, status()]).toEqual(['compare', expect.stringMatching(/^found in row \d+ of/)]);
});
