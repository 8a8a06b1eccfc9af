/** What speaks for and against a capture: what a fault is worth that rests on something unseen, flow by flow. */
import { describe, expect, test } from 'vitest';
import type { CaptureFacts } from '../../src/capture/source.ts';
import { type CaptureMode, Completeness } from '../../src/run/completeness.ts';
import { facts } from '../../src/testkit/engine.ts';

/** Host n has the address n; flow f is between host 1 and host f + 1, and both have spoken unless said otherwise. */
function completenessOf(mode: CaptureMode, about: Partial<CaptureFacts> = {}, spoke = 3): Completeness {
  return new Completeness(mode, Object.assign(about, { ...facts(), ...about }), {
    spoke: () => spoke,
    isStream: () => false,
    copyAddress: (flow, side, into) => into.set([side === 0 ? 1 : flow + 1, 0, 0, 0]),
  });
}

test('a fault is held in a capture of which nobody knows, and stands at the end when nothing speaks against it', () => {
  const capturing = completenessOf('auto');
  expect([capturing.standing(1), capturing.standingAtEnd(1), capturing.doubtOf(1, true)]).toEqual([
    'held',
    'stands',
    undefined,
  ]);
});

test('a fault stands at once where the user or the capture itself says that nothing is missing', () => {
  expect(completenessOf('complete', { dropped: 3 }, 1).standing(1)).toBe('stands');
  expect(completenessOf('auto', { knownComplete: true }, 1).standing(1)).toBe('stands');
  expect(completenessOf('complete', { dropped: 3 }).isDropping).toBe(false);
});

test('a capture that says so of itself is not believed when the user says that packets are missing', () => {
  const capturing = completenessOf('lossy', { knownComplete: true });
  expect([capturing.isKnown, capturing.standing(1)]).toEqual([false, 'lossy']);
});

describe('speaks against', () => {
  test('all flows: packets that were dropped', () => {
    const capturing = completenessOf('auto', { dropped: 1 });
    expect([capturing.standing(1), capturing.standing(2), capturing.isDropping]).toEqual(['dropped', 'dropped', true]);
  });

  test('all flows, from then on: time that runs backwards', () => {
    const own = facts();
    const capturing = completenessOf('auto', own);
    expect(capturing.isDisordered).toBe(false);
    own.disorder = { frame: 7, seconds: 3 };
    expect([capturing.standing(1), capturing.isDisordered]).toEqual(['disorder', true]);
  });

  test('a flow at its end: one direction that was never seen', () => {
    const capturing = completenessOf('auto', {}, 1);
    expect([capturing.standing(1), capturing.standingAtEnd(1)]).toEqual(['held', 'oneSided']);
  });

  test('the flows of two hosts, in either direction: a fragment that is missing', () => {
    const capturing = completenessOf('auto');
    capturing.fragmentLost([3, 0, 0, 0], [1, 0, 0, 0]);
    expect([capturing.standing(1), capturing.standing(2)]).toEqual(['held', 'fragment']);
  });

  test('a flow: an acknowledgement of bytes that no segment carried, and with it whatever is unseen elsewhere', () => {
    const capturing = completenessOf('auto');
    capturing.begin(1);
    capturing.unseenAcknowledged(1, 5);
    expect([capturing.standing(1), capturing.doubtOf(1, true)]).toEqual(['gap', 'gap']);
    expect([capturing.standing(2), capturing.doubtOf(2, true)]).toEqual(['unseenBytes', undefined]);
  });

  test('nothing that another flow in the same place has left behind', () => {
    const capturing = completenessOf('auto');
    capturing.unseenAcknowledged(1, 5);
    capturing.begin(1);
    expect(capturing.doubtOf(1, true)).toBeUndefined();
  });
});
