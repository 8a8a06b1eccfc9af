import { describe, expect, test } from 'vitest';
import { protocols as builtIn } from '../../../dissectors/index.ts';
import { withCarrierOptions } from '../../../src/protocol/carrier.ts';
import {
  completeDecodeAs,
  completeDialect,
  decodeAsHint,
  dialectHint,
  settingInWords,
  withDecodeAs,
  withDialect,
} from '../../../src/tui/model/settings.ts';

const protocols = withCarrierOptions(builtIn);
const NONE = { decodeAs: [], dialects: [] };

test('the example of what to write is valid', () => {
  const example = /for instance (\S+)$/.exec(decodeAsHint(NONE, protocols) ?? '')?.[1] ?? '';
  expect(withDecodeAs(NONE, example, protocols)).toEqual({ decodeAs: [example], dialects: [] });
  expect(decodeAsHint(NONE, [])).toBeUndefined();
});

describe('decode as', () => {
  test('adds to the settings', () => {
    expect(withDecodeAs(NONE, 'udp.port==7,mnet', protocols)).toEqual({ decodeAs: ['udp.port==7,mnet'], dialects: [] });
  });

  test.each([
    ['udp.port==7,mnett', 'did you mean mnet?'],
    ['tcp.port==7,mnet', 'not carried by tcp'],
    ['nonsense', 'udp.port==PORT,PROTOCOL'],
    ['udp.port==70000,none', 'ports go from 0 to 65535'],
  ])('%s is refused in one line', (text, reason) => {
    const refused = withDecodeAs(NONE, text, protocols);
    expect(refused).toContain(reason);
    expect(refused).not.toContain('--');
  });

  test.each([
    ['the port itself', ['udp.port==7,mnet'], 'udp.port==7,none', []],
    ['one of a range', ['udp.port==5-9,mnet'], 'udp.port==7,none', ['udp.port==5-6,mnet', 'udp.port==8-9,mnet']],
    ['a range', ['udp.port==7,mnet', 'udp.port==20,mnet'], 'udp.port==1-10,none', ['udp.port==20,mnet']],
    ['all that was mapped to it', ['udp.port==7,mnet', 'udp.port==7,ministreaming'], 'udp.port==7,none', []],
  ])('none takes away: %s', (_what, decodeAs, text, left) => {
    expect(withDecodeAs({ decodeAs, dialects: [] }, text, protocols)).toEqual({ decodeAs: left, dialects: [] });
  });

  test.each([
    ['udp.port==8,none', 'nothing was mapped'],
    ['tcp.port==7,none', 'another transport'],
    ['udp.port==7,mnet', 'mapped so already'],
  ])('%s changes nothing: %s', text => {
    const settings = { decodeAs: ['udp.port==7,mnet'], dialects: [] };
    expect(withDecodeAs(settings, text, protocols)).toBe(settings);
  });

  test('takes the place of what the port was before', () => {
    expect(
      withDecodeAs({ decodeAs: ['udp.port==7,mnet'], dialects: [] }, 'udp.port==7,ministreaming', protocols),
    ).toEqual({ decodeAs: ['udp.port==7,ministreaming'], dialects: [] });
  });

  test('tells what is mapped', () => {
    expect(decodeAsHint({ decodeAs: ['udp.port==7,mnet'], dialects: [] }, protocols)).toContain('now udp.port==7,mnet');
  });

  test('completes transports, then protocols that they carry', () => {
    expect(completeDecodeAs('u', 1, protocols).candidates).toEqual(['udp.port==']);
    const { from, candidates } = completeDecodeAs('udp.port==7,m', 13, protocols);
    expect(from).toBe(12);
    expect(candidates).toContain('mnet');
    expect(completeDecodeAs('udp.port==7,n', 13, protocols).candidates).toEqual(['none']);
    expect(completeDecodeAs('tcp.port==7,m', 13, protocols).candidates).not.toContain('mnet');
  });
});

describe('a dialect', () => {
  test('takes the place of the setting of the same option', () => {
    const before = { decodeAs: [], dialects: ['mnet.tags=receiver', 'mnet.byteOrder=big'] };
    expect(withDialect(before, 'mnet.tags=sender', protocols)).toEqual({
      decodeAs: [],
      dialects: ['mnet.byteOrder=big', 'mnet.tags=sender'],
    });
  });

  test.each([
    ['mnet.tag=sender', 'did you mean mnet.tags?'],
    ['mnet.tags=nobody', 'expected one of'],
    ['mnet', 'PROTOCOL.OPTION=VALUE'],
  ])('%s is refused in one line', (text, reason) => {
    const refused = withDialect(NONE, text, protocols);
    expect(refused).toContain(reason);
    expect(refused).not.toContain('--dialect');
  });

  test('completes options, then values', () => {
    expect(completeDialect('mnet.ta', 7, protocols).candidates).toEqual(['mnet.tags=']);
    expect(completeDialect('mnet.tags=s', 11, protocols)).toEqual({ from: 10, candidates: ['sender'] });
  });

  test.each([
    ['mnet.tags=auto', []],
    ['mnet.tags=sender', ['mnet.tags=sender']],
  ])('%s changes nothing where it is in force', (text, dialects) => {
    const settings = { decodeAs: [], dialects };
    expect(withDialect(settings, text, protocols)).toBe(settings);
  });

  test('of a key is named, and the key is not shown', () => {
    expect(settingInWords('mnet.cookieKey=00ff', protocols)).toBe('mnet.cookieKey set');
    expect(settingInWords(' mnet.tags=sender ', protocols)).toBe('mnet.tags=sender');
  });

  test('is explained, with the value in force', () => {
    expect(dialectHint('mnet.tags', NONE, protocols)).toContain('now auto');
    expect(dialectHint('mnet.tags=s', { decodeAs: [], dialects: ['mnet.tags=sender'] }, protocols)).toContain(
      'now sender',
    );
    expect(dialectHint('mnet.nothing', NONE, protocols)).toBeUndefined();
  });
});
