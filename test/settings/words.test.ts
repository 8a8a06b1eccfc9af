import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { DEFAULT_LIMITS } from '../../src/protocol/limits.ts';
import { nearest } from '../../src/settings/nearest.ts';
import {
  parseCount,
  parseDecodeAs,
  parseDialect,
  parseDialects,
  parseLimit,
  parseLimits,
  parseRuleSettings,
  ruleIds,
  UsageError,
} from '../../src/settings/words.ts';

describe('--decode-as', () => {
  test.each([
    ['udp.port==26999,mnet', 26999, 26999],
    ['udp.port==1-10,mnet', 1, 10],
    ['udp.port==7000:3,mnet', 7000, 7002],
    ['udp.port==0-65535,mnet', 0, 65535],
  ])('%s', (text, from, to) => {
    expect(parseDecodeAs(text, protocols)).toEqual({ transport: 'udp', from, to, protocol: 'mnet' });
  });

  test.each([
    ['', /write udp\.port==PORT,PROTOCOL/],
    ['udp.port=26999,mnet', /write udp\.port==PORT,PROTOCOL/],
    ['udp.port==26999', /write udp\.port==PORT,PROTOCOL/],
    ['udp.prt==26999,mnet', /write udp\.port==PORT,PROTOCOL/],
    ['udp.port==65536,mnet', /ports go from 0 to 65535/],
    ['udp.port==65530:7,mnet', /ports go from 0 to 65535/],
    ['udp.port==10-1,mnet', /the last port lies before the first/],
    ['udp.port==7000:0,mnet', /the last port lies before the first/],
    ['udp.port==1,mnett', /unknown protocol mnett; did you mean mnet\?/],
    ['udp.port==1,quic', /unknown protocol quic; known: .*mnet/],
    ['tcp.port==1,mnet', /mnet is not carried by tcp but by udp/],
  ])('%j is refused', (text, reason) => {
    expect(() => parseDecodeAs(text, protocols)).toThrow(UsageError);
    expect(() => parseDecodeAs(text, protocols)).toThrow(reason);
  });
});

describe('--dialect', () => {
  test('a setting that fits', () => {
    expect(parseDialect('mnet.tags=sender', protocols)).toEqual(['mnet.tags', 'sender']);
  });

  test('the last setting of an option holds', () => {
    expect(parseDialects(['mnet.tags=sender', 'mnet.tags=receiver'], protocols)).toEqual(
      new Map([['mnet.tags', 'receiver']]),
    );
  });

  test.each([
    ['mnet.tags', /write PROTOCOL\.OPTION=VALUE/],
    ['tags=sender', /write PROTOCOL\.OPTION=VALUE; known: .*mnet\.tags/],
    ['mnt.tags=sender', /unknown protocol mnt; did you mean mnet\?/],
    ['mnet.tag=sender', /unknown dialect option mnet\.tag; did you mean mnet\.tags\?/],
    ['mnet.tags=mine', /expected one of auto, initiator, receiver, sender/],
    ['mnet.clockSkew=soon', /expected a time such as 5s or 300ms/],
  ])('%j is refused', (text, reason) => {
    expect(() => parseDialect(text, protocols)).toThrow(reason);
  });

  test('settings that do not fit together are refused', () => {
    const mnet = protocols.find(({ id }) => id === 'mnet');
    const picky = { ...mnet!, dialectProblem: () => 'cookieMac needs cookieKey' };
    expect(() => parseDialects([], [picky])).toThrow('--dialect: mnet: cookieMac needs cookieKey');
  });
});

describe('--rule', () => {
  test.each(['off', 'info', 'warning', 'error'])('can be set to %s', setting => {
    expect(parseRuleSettings(`mnet/length=${setting}`, protocols)).toEqual([['mnet/length', setting]]);
  });

  test.each([
    ['mnet/length', /write RULE=off\|info\|warning\|error/],
    ['=off', /write RULE=off\|info\|warning\|error/],
    ['mnet/lenght=off', /unknown rule mnet\/lenght; did you mean mnet\/length\?/],
    ['mnett/*=off', /no rule matches mnett\/\*/],
    ['http2/6.3/1=off', /unknown rule http2\/6\.3\/1; wirelint rules lists them/],
    ['mnet/length=fatal', /a rule can be set to off, error, warning, info/],
  ])('%j is refused', (text, reason) => {
    expect(() => parseRuleSettings(text, protocols)).toThrow(reason);
  });
});

test('--rule with a pattern sets every rule that it describes, and no other', () => {
  const set = parseRuleSettings('mnet/retransmit-*=info', protocols);
  expect(set).toContainEqual(['mnet/retransmit-differs', 'info']);
  expect(set.filter(([id]) => !id.startsWith('mnet/retransmit-'))).toEqual([]);
  expect(parseRuleSettings('*=off', protocols).map(([id]) => id)).toEqual(ruleIds(protocols));
});

describe('--limit', () => {
  test('replaces its default and no other', () => {
    expect(parseLimits(['flows=7', 'hosts=8', 'flows=9'])).toEqual({ ...DEFAULT_LIMITS, flows: 9, hosts: 8 });
  });

  test('bytes may be more than entries', () => {
    expect(parseLimit('fragment-bytes=2147483648')).toEqual(['fragment-bytes', 2 ** 31]);
    expect(() => parseLimit('flows=2147483648')).toThrow(/flows is a whole number from 1 to 16777215/);
  });

  test.each([
    ['flow=1', /unknown limit flow; did you mean flows\?/],
    ['memory=1', /unknown limit memory; known: flows, /],
    ['flows=0', /whole number from 1/],
    ['flows=1e3', /whole number from 1/],
    ['flows=', /whole number from 1/],
    ['__proto__=1', /unknown limit __proto__/],
  ])('%j is refused', (text, reason) => {
    expect(() => parseLimit(text)).toThrow(reason);
  });
});

test.each([['-1'], ['1.5'], ['many'], [''], ['9'.repeat(20)]])('%j is no count', text => {
  expect(() => parseCount('--max-warnings', text, 0)).toThrow('--max-warnings');
});

test.each([
  ['mnet/tag-mismach', 'mnet/tag-mismatch'],
  ['formt', 'format'],
  ['x', undefined],
  ['completely different', undefined],
])('nearest to %s is %s', (word, expected) => {
  expect(nearest(word, ['format', 'mnet/tag-mismatch', 'mnet/length'])).toBe(expected);
});

test('nothing is near a short word that shares next to nothing with it', () => {
  expect(nearest('foo', ['form', 'goto'])).toBeUndefined();
  expect(nearest('frm', ['form', 'goto'])).toBe('form');
});
