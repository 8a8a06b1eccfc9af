import { describe, expect, test } from 'vitest';
import { protocols as builtIn } from '../../../dissectors/index.ts';
import { withCarrierOptions } from '../../../src/protocol/carrier.ts';
import {
  completeDecodeAs,
  completeDialect,
  decodeAsHint,
  dialectHint,
  withDecodeAs,
  withDialect,
} from '../../../src/tui/model/settings.ts';

const protocols = withCarrierOptions(builtIn);
const NONE = { decodeAs: [], dialects: [] };

test('what is to be written is told by an example that holds', () => {
  const example = /for instance (\S+)$/.exec(decodeAsHint(protocols) ?? '')?.[1] ?? '';
  expect(withDecodeAs(NONE, example, protocols)).toEqual({ decodeAs: [example], dialects: [] });
  expect(decodeAsHint([])).toBeUndefined();
});

describe('decode as', () => {
  test('adds to the settings', () => {
    expect(withDecodeAs(NONE, 'udp.port==7,mnet', protocols)).toEqual({ decodeAs: ['udp.port==7,mnet'], dialects: [] });
  });

  test.each([
    ['udp.port==7,mnett', 'did you mean mnet?'],
    ['tcp.port==7,mnet', 'not carried by tcp'],
    ['nonsense', 'udp.port==PORT,PROTOCOL'],
  ])('%s is refused in one line', (text, reason) => {
    const refused = withDecodeAs(NONE, text, protocols);
    expect(refused).toContain(reason);
    expect(refused).not.toContain('--');
  });

  test('completes transports, then protocols that they carry', () => {
    expect(completeDecodeAs('u', 1, protocols).candidates).toEqual(['udp.port==']);
    const { from, candidates } = completeDecodeAs('udp.port==7,m', 13, protocols);
    expect(from).toBe(12);
    expect(candidates).toContain('mnet');
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

  test('is explained, with the value in force', () => {
    expect(dialectHint('mnet.tags', NONE, protocols)).toContain('now auto');
    expect(dialectHint('mnet.tags=s', { decodeAs: [], dialects: ['mnet.tags=sender'] }, protocols)).toContain(
      'now sender',
    );
    expect(dialectHint('mnet.nothing', NONE, protocols)).toBeUndefined();
  });
});
