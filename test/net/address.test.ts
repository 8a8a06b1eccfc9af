import { expect, test } from 'vitest';
import { formatAddress, formatEndpoint } from '../../src/net/address.ts';

test('an IPv4 endpoint', () => {
  expect(formatEndpoint({ family: 4, words: [0xff00_0001, 0, 0, 0], port: 7654 })).toBe('255.0.0.1:7654');
});

test('an IPv6 endpoint in brackets', () => {
  expect(formatEndpoint({ family: 6, words: [0x2001_0db8, 0, 0, 1], port: 7654 })).toBe('[2001:db8::1]:7654');
});

test('RFC 5952: the first of the longest runs of zeros is shortened, a single zero is not', () => {
  expect(formatAddress(6, [0x2001_0db8, 0x0000_0001, 0x0001_0001, 0x0001_0001])).toBe('2001:db8:0:1:1:1:1:1');
  expect(formatAddress(6, [0x2001_0000, 0x0000_0001, 0, 0x0000_0001])).toBe('2001:0:0:1::1');
  expect(formatAddress(6, [0, 0, 0, 0])).toBe('::');
});
