import { describe, expect, test } from 'vitest';
import { formatAddress, parseAddress, parsePair, splitPair } from '../../src/proxy/address.ts';

test.each([
  ['udp:27000', { scheme: 'udp', host: '127.0.0.1', port: 27_000 }],
  ['tcp::0', { scheme: 'tcp', host: '127.0.0.1', port: 0 }],
  ['tcp:0.0.0.0:80', { scheme: 'tcp', host: '0.0.0.0', port: 80 }],
  ['udp:[::1]:5000', { scheme: 'udp', host: '::1', port: 5_000 }],
  ['udp:[fe80::1%eth0]:5000', { scheme: 'udp', host: 'fe80::1%eth0', port: 5_000 }],
  ['tls:example.org:443', { scheme: 'tls', host: 'example.org', port: 443 }],
  ['unix:/run/a b=c.sock', { scheme: 'unix', path: '/run/a b=c.sock' }],
  ['unix-seqpacket:/run/ipc', { scheme: 'unix-seqpacket', path: '/run/ipc' }],
])('%s is read, and written so that it can be read again', (text, address) => {
  expect(parseAddress(text, 'listen')).toEqual(address);
  expect(parseAddress(formatAddress(parseAddress(text, 'listen')), 'listen')).toEqual(address);
});

describe('what is no address is refused with what would be one', () => {
  test.each([
    ['', 'tcp:HOST:PORT'],
    ['27000', 'tcp:HOST:PORT'],
    ['http:localhost:80', 'tcp:HOST:PORT'],
    ['tcp:', 'tcp:HOST:PORT'],
    ['tcp:localhost', 'tcp:HOST:PORT'],
    ['tcp:::1:80', 'tcp:[::1]:PORT'],
    ['udp:127.0.0.1:65536', '0 to 65535'],
    ['unix:', 'unix:PATH'],
    [`unix:/${'x'.repeat(107)}`, '107 bytes'],
  ])('%j', (text, advice) => {
    expect(() => parseAddress(text, 'listen')).toThrow(advice);
  });

  test('port 0 of an upstream', () => {
    expect(() => parseAddress('udp:127.0.0.1:0', 'upstream')).toThrow('port 0 is for listening');
  });

  test.each([
    ['udp:1', 'tcp:2', 'cut what they carry in different ways'],
    ['unix:/a', 'unix-seqpacket:/b', 'cut what they carry in different ways'],
    ['tcp:9000', 'tcp:127.0.0.1:9000', 'speak to itself'],
  ])('%s to %s', (listen, upstream, reason) => {
    expect(() => parsePair(listen, upstream)).toThrow(reason);
  });
});

test('a pair is cut at the equals sign that an address follows', () => {
  expect(splitPair('unix:/tmp/a=b=tcp:localhost:80')).toEqual(['unix:/tmp/a=b', 'tcp:localhost:80']);
  expect(() => splitPair('udp:27000')).toThrow('LISTEN=UPSTREAM');
});
