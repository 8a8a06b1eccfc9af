import { X509Certificate } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Authority } from '../../src/proxy/io/authority.ts';
import { scratch } from '../kit/proxy.ts';
import { identityFor } from '../kit/tls.ts';

const DAY = 24 * 60 * 60 * 1_000;
const NOW = Date.UTC(2030, 0, 1);
const now = () => NOW;
const place = () => join(scratch(), 'state', 'wirelint');
const daysOf = ({ validFrom, validTo }: X509Certificate) =>
  [validFrom, validTo].map(time => (Date.parse(time) - NOW) / DAY);

describe('the CA', () => {
  test('is made at first, for its owner alone, and is the same from then on', async () => {
    const folder = place();
    const { cert } = await Authority.open(folder, now);
    const path = join(folder, 'proxy-ca.pem');
    expect([statSync(path).mode & 0o777, statSync(folder).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(readdirSync(folder)).toEqual(['proxy-ca.pem']);
    const read = new X509Certificate(cert);
    expect([read.ca, read.verify(read.publicKey), daysOf(read)]).toEqual([true, true, [-1, 3_649]]);
    expect((await Authority.open(folder, now)).cert).toBe(cert);
  });

  test('is one, no matter which is first', async () => {
    const folder = place();
    const all = await Promise.all(Array.from({ length: 8 }, () => Authority.open(folder, now)));
    expect(new Set(all.map(({ cert }) => cert)).size).toBe(1);
    expect(readdirSync(folder)).toEqual(['proxy-ca.pem']);
  });

  test('that is of no use is reported with its file, and kept', async () => {
    const folder = place();
    await Authority.open(folder, now);
    const path = join(folder, 'proxy-ca.pem');
    const advice = 'delete it, and the proxy makes another one, which its clients then have to trust';
    await expect(Authority.open(folder, () => NOW + 3_650 * DAY)).rejects.toThrow(
      `${path}: the CA of the proxy has expired; ${advice}`,
    );
    const { key, cert } = identityFor('example.org');
    const own = readFileSync(path, 'utf8');
    for (const text of [
      '',
      own.slice(0, 200),
      own.slice(0, 500),
      own.replace(/[\s\S]*(?=-----BEGIN CERT)/, ''),
      key + cert,
    ]) {
      writeFileSync(path, text);
      await expect(Authority.open(folder, now)).rejects.toThrow(`${path}: the CA of the proxy is damaged; ${advice}`);
      expect(readFileSync(path, 'utf8')).toBe(text);
    }
  });

  test('that cannot be kept is reported', async () => {
    const file = join(scratch(), 'file');
    writeFileSync(file, '');
    await expect(Authority.open(join(file, 'x'), now)).rejects.toThrow(/^cannot (keep|read) the CA of the proxy/);
    const folder = scratch();
    mkdirSync(join(folder, 'proxy-ca.pem'));
    await expect(Authority.open(folder, now)).rejects.toThrow('is a directory');
  });
});

describe('a certificate', () => {
  test('is for the names that are asked for, and signed by the CA', async () => {
    const authority = await Authority.open(place(), now);
    const { cert, key } = await authority.identityFor(['127.0.0.1', '::1', '::ffff:192.0.2.1', 'localhost']);
    const [leaf, issuer] = [new X509Certificate(cert), new X509Certificate(authority.cert)];
    expect(leaf.subjectAltName).toBe(
      'IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:192.0.2.1, DNS:localhost',
    );
    expect([leaf.ca, leaf.checkIssued(issuer), leaf.verify(issuer.publicKey)]).toEqual([false, true, true]);
    expect(leaf.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(daysOf(leaf)).toEqual([-1, 396]);
    expect(key).toContain('PRIVATE KEY');
    const long = `${'a'.repeat(60)}.example.org`;
    expect(new X509Certificate((await authority.identityFor([long])).cert).checkHost(long)).toBe(long);
  });

  test('is kept for its names as long as it is good, and there is room', async () => {
    let time = NOW;
    const authority = await Authority.open(place(), () => time, 4);
    const get = async (name: string) => new X509Certificate((await authority.identityFor([name])).cert).serialNumber;
    const [first, same] = await Promise.all([get('a.test'), get('a.test')]);
    expect(same).toBe(first);
    expect(await get('b.test')).not.toBe(first);
    time += 394 * DAY;
    expect(await get('a.test')).toBe(first);
    time += 2 * DAY;
    const renewed = await get('a.test');
    expect(renewed).not.toBe(first);
    for (let i = 0; i < 3; i++) await get(`${i}.test`);
    expect(await get('a.test')).toBe(renewed);
    for (let i = 0; i < 4; i++) await get(`more-${i}.test`);
    expect(await get('a.test')).not.toBe(renewed);
  });

  test('ends with its CA', async () => {
    const folder = place();
    await Authority.open(folder, now);
    const late = await Authority.open(folder, () => NOW + 3_500 * DAY);
    const leaf = new X509Certificate((await late.identityFor(['a.test'])).cert);
    expect(daysOf(leaf)[1]).toBe(3_649);
  });
});
