import { beforeEach, describe, expect, test } from 'vitest';
import type { Model } from '../../../src/tui/model/model.ts';
import { compose } from '../../../src/tui/plan/compose.ts';
import type { PaneKind } from '../../../src/tui/views.ts';
import { modelOver, press, settle } from '../../kit/looking.ts';

let model: Model;

beforeEach(async () => {
  model = await modelOver('mnet/faults.pcap');
});

/** Clicks into a pane, at a line and a cell within its border. */
function click(kind: PaneKind, line: number, cell = 3, isDouble = false): void {
  const pane = compose(model).panes.find(found => found.kind === kind);
  if (!pane) throw new Error(`no pane ${kind}`);
  model.click(pane.x + 1 + cell, pane.y + 1 + line, isDouble);
}

describe('a click', () => {
  test('on a tab shows its view', () => {
    const text = compose(model)
      .bars[0].line.spans.map(span => span.text)
      .join('');
    model.click(text.indexOf('4 Findings') + 3, 0);
    expect(model.view).toBe('findings');
    model.click(159, 0);
    expect(model.view).toBe('findings');
  });

  test('on the filter begins to edit it', () => {
    model.click(20, 1);
    expect(model.mode).toMatchObject({ kind: 'line', purpose: 'filter' });
  });

  test('on a row chooses it, and again goes in', () => {
    click('connections', 2);
    expect([model.view, model.connection]).toEqual(['connections', 2]);
    click('connections', 2);
    expect(model.view).toBe('conversation');
  });

  test('twice in one place goes in', () => {
    click('connections', 3, 3, true);
    expect([model.view, model.connection]).toEqual(['conversation', 3]);
  });

  test('on another pane moves the focus there, with the row', () => {
    press(model, '2');
    click('fields', 2);
    expect([model.focus, model.opened?.row]).toEqual(['fields', 2]);
  });

  test('on a byte chooses it and its field', () => {
    press(model, '2');
    click('hex', 0, 5 + 3 * 6);
    expect(model.opened?.byte).toBe(6);
    expect(model.opened?.field?.node.name).toBe('tag');
  });

  test('on a border, a header or below the last row chooses nothing', () => {
    press(model, '2 j');
    const before = model.message;
    click('messages', 0);
    click('messages', 40);
    model.click(0, 2);
    model.click(-1, -1);
    model.click(1000, 1000);
    expect(model.message).toBe(before);
  });

  test('does nothing while a line is edited', () => {
    press(model, ':');
    model.click(5, 0);
    expect(model.mode.kind).toBe('line');
  });
});

describe('the wheel', () => {
  test('moves in the pane that it is over', () => {
    press(model, '2');
    const pane = compose(model).panes.find(({ kind }) => kind === 'messages')!;
    model.wheel(pane.x + 2, pane.y + 3, 3);
    expect(model.history.messages.frame(model.message)).toBe(4);
    model.wheel(pane.x + 2, pane.y + 3, -2);
    expect(model.history.messages.frame(model.message)).toBe(2);
  });

  test('scrolls a notice', () => {
    model.resize(80, 12);
    model.showNotice(
      'long',
      Array.from({ length: 50 }, (_, index) => ({ spans: [{ text: `${index}`, role: 'plain' }] })),
    );
    settle(model);
    model.wheel(10, 5, 3);
    expect(model.window('notice').top).toBe(3);
  });
});
