/** Findings in rows come out as they went in, whatever is in them; what does not fit stays as it is. */
import { describe, expect, test } from 'vitest';
import { type Finding, plainFinding } from '../../src/lint/finding.ts';
import { FindingRows } from '../../src/lint/finding-rows.ts';

const PLAIN: Finding = {
  ruleId: 'toy/count',
  severity: 'error',
  message: 'counts 2 items, but holds 3',
  capture: 1,
  frame: 12,
  time: { seconds: 1_700_000_000, nanoseconds: 999_999_999 },
  protocol: 'toy',
  connection: 7,
  from: '10.1.1.1:40000',
  to: '[2001:db8::1]:7000',
  atFault: '10.1.1.1:40000',
  messageName: 'TEXT',
  state: 'TALKING',
  bytes: { offset: 4, length: 2 },
  expected: 'a count of 3',
  actual: '2',
  restsOn: 'bytes',
  spec: { document: 'Toy', clause: '4.1', says: 'The count MUST be right.' },
  relatedFrames: [3, 4_000_000_000],
  excerpt: { offset: 16, bytes: Uint8Array.of(0, 255, 16), messageLength: 1_500, position: 24 },
};

const HOSTILE = ['', '\0', '"\\\u2028', 'ÿ', 'Ā', 'naïve', '日本', '💥', '\ud800', 'a\udfffb', 'x'.repeat(70_000)];

/** What comes out of the rows, each put in as the plain one with these members. */
function through(...given: readonly Partial<Finding>[]): Finding[] {
  const rows = new FindingRows();
  return given.map(members => rows.keep({ ...PLAIN, ...members })).map(plainFinding);
}

function expectSame(...given: readonly Partial<Finding>[]): void {
  expect(through(...given)).toStrictEqual(given.map(members => ({ ...PLAIN, ...members })));
}

describe('a finding that is kept in a row', () => {
  test('has all its members', () => expectSame({}));

  test('has those that may be null, or absent, as they were', () => {
    expectSame({ bytes: null }, { excerpt: null }, { atFault: null }, { relatedFrames: [] }, { mentions: 3 }, {});
  });

  test('has any text, be it empty, no Unicode, or long', () => {
    const members = ['message', 'expected', 'actual', 'messageName', 'state', 'ruleId', 'protocol'] as const;
    expectSame(...HOSTILE.flatMap(text => members.map(member => ({ [member]: text }))));
    expectSame(...HOSTILE.map(text => ({ from: text, atFault: text })));
    expectSame(...HOSTILE.map(text => ({ to: text, atFault: text })));
  });

  test('has any bytes, be they none or many', () => {
    const excerpt = { offset: 0, messageLength: 0, position: -1 };
    const sizes = [0, 1, 127, 128, 9_000].map(length => ({ bytes: new Uint8Array(length).fill(length) }));
    expectSame(...sizes.map(({ bytes }) => ({ excerpt: { ...excerpt, bytes } })));
  });

  test('lies anywhere in a capture of many gigabytes, or nowhere', () => {
    const positions = [-1, 0, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, 2 ** 39];
    expectSame(...positions.map(position => ({ excerpt: { ...PLAIN.excerpt!, position } })));
  });

  test('is told apart from others of its rule', () => {
    const spec = { document: 'Toy', clause: '4.1 (2.0)' };
    expectSame({ severity: 'warning' }, { restsOn: 'unseen' }, { spec }, { protocol: 'other' }, {});
  });

  test('does not change when the bytes that it was made of do', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const kept = new FindingRows().keep({ ...PLAIN, excerpt: { ...PLAIN.excerpt!, bytes } });
    bytes.fill(0);
    expect(kept.excerpt?.bytes).toStrictEqual(Uint8Array.of(1, 2, 3));
  });

  test('is one object, whoever reads it and however often it is kept', () => {
    const rows = new FindingRows();
    const kept = rows.keep(PLAIN);
    expect(kept).not.toBe(PLAIN);
    expect(rows.keep(kept)).toBe(kept);
    expect(kept.spec).toBe(PLAIN.spec);
  });
});

test('many are each what they were, in whatever order they are read', () => {
  const members = Array.from({ length: 1_000 }, (_, index) => ({
    frame: index,
    message: `says ${index % 300}, ${'and '.repeat(index % 50)}on`,
    excerpt: { ...PLAIN.excerpt!, bytes: new Uint8Array(index % 130).fill(index) },
  }));
  const rows = new FindingRows();
  const kept = members.map(own => rows.keep({ ...PLAIN, ...own }));
  for (const [index, finding] of kept.entries()) {
    if (index % 2 === 1) expect(plainFinding(finding)).toStrictEqual({ ...PLAIN, ...members[index] });
  }
  for (const [index, finding] of kept.entries()) {
    if (index % 2 === 0) expect(plainFinding(finding)).toStrictEqual({ ...PLAIN, ...members[index] });
  }
});

describe('a finding that does not fit into a row is kept as it is', () => {
  const own: readonly (readonly [string, Partial<Finding>])[] = [
    ['a time before 1970', { time: { seconds: -1, nanoseconds: 0 } }],
    ['a time after 2106', { time: { seconds: 2 ** 32, nanoseconds: 0 } }],
    ['a time that is no whole number', { time: { seconds: 1.5, nanoseconds: 0 } }],
    ['a third party at fault', { atFault: '10.9.9.9:1' }],
    ['a place beyond a row', { bytes: { offset: 2 ** 32, length: 1 } }],
    ['a frame beyond a row', { relatedFrames: [2 ** 33] }],
    ['a position beyond a row', { excerpt: { ...PLAIN.excerpt!, position: 2 ** 41 } }],
  ];
  for (const [what, members] of own) {
    test(what, () => {
      const finding = { ...PLAIN, ...members };
      expect(new FindingRows().keep(finding)).toBe(finding);
    });
  }

  test('a rule that cites another clause each time', () => {
    const clauses = Array.from({ length: 200 }, (_, index) => ({ spec: { document: 'Toy', clause: `${index}` } }));
    expectSame(...clauses, { spec: { document: 'Toy', clause: '0' } });
  });
});
