import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ScrollWindow } from '../../../src/tui/model/window.ts';

function windowOf(count: number, height: number, selected = 0): ScrollWindow {
  const window = new ScrollWindow();
  window.fit(count, height);
  window.select(selected);
  return window;
}

describe('a scroll window', () => {
  test('follows the selection at its lower and upper edge', () => {
    const window = windowOf(100, 10, 9);
    expect(window.top).toBe(0);
    window.move(1);
    expect([window.top, window.selected]).toEqual([1, 10]);
    window.move(-10);
    expect([window.top, window.selected]).toEqual([0, 0]);
  });

  test('stops at the first and the last row', () => {
    const window = windowOf(5, 10, 3);
    window.move(100);
    expect([window.top, window.selected]).toEqual([0, 4]);
    window.move(-100);
    expect(window.selected).toBe(0);
  });

  test('scrolls without the selection, until that would go out of sight', () => {
    const window = windowOf(100, 10, 5);
    window.scroll(3);
    expect([window.top, window.selected]).toEqual([3, 5]);
    window.scroll(10);
    expect([window.top, window.selected]).toEqual([13, 13]);
  });

  test('puts a far row in the middle, and goes to a near one line by line', () => {
    const window = windowOf(1000, 10);
    window.show(500);
    expect([window.top, window.selected]).toEqual([495, 500]);
    window.show(505);
    expect(window.top).toBe(496);
  });

  test('leaves no room empty when rows go away or the screen grows', () => {
    const window = windowOf(100, 10, 99);
    window.fit(95, 10);
    expect([window.top, window.selected]).toEqual([85, 94]);
    window.fit(95, 50);
    expect([window.top, window.selected]).toEqual([45, 94]);
  });

  test('has no row to select when there is none', () => {
    const window = windowOf(0, 10, 3);
    expect([window.top, window.selected]).toEqual([0, 0]);
  });

  test('always shows the selected row, after any call', () => {
    const step = fc.tuple(
      fc.constantFrom('fit', 'select', 'move', 'scroll', 'show'),
      fc.integer({ min: -50, max: 300 }),
      fc.integer({ min: -5, max: 60 }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        const window = windowOf(20, 7);
        for (const [what, a, b] of steps) {
          if (what === 'fit') window.fit(a, b);
          else window[what as 'select'](a);
          const { top, selected, count, height } = window;
          expect(selected).toBeGreaterThanOrEqual(0);
          expect(selected).toBeLessThan(Math.max(1, count));
          expect(top).toBeGreaterThanOrEqual(0);
          expect(selected).toBeGreaterThanOrEqual(top);
          expect(selected).toBeLessThan(top + height);
          expect(top).toBeLessThanOrEqual(Math.max(0, count - height));
        }
      }),
    );
  });
});
