/**
 * X.509 certificates (RFC 5280) as the proxy makes them: one of an authority of its own, and below it those for the names
 * that clients ask for. All of them with EC P-256 and ECDSA with SHA-256.
 */
import { createHash, sign as createSignature, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import * as x509 from '@peculiar/asn1-x509';
import ipaddr from 'ipaddr.js';

/** A key and the certificate for it, as PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** Who signs: the certificate as PEM, and its key. */
export interface Issuer {
  readonly cert: string;
  readonly key: KeyObject;
}

const DAY = 24 * 60 * 60 * 1_000;
/** Clocks differ: a certificate is valid from some time before it was made. */
const SKEW = DAY;
const AUTHORITY_DAYS = 3_650;
/** What clients accept of a server at most is 398 days. */
const LEAF_DAYS = 397;
/** RFC 5280 appendix A.1: ub-common-name. */
const LONGEST_COMMON_NAME = 64;
/** RFC 5280 4.1.2.2: at most 20 octets. */
const SERIAL_LENGTH = 16;
const ID_ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const ID_COMMON_NAME = '2.5.4.3';
const ID_SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/** A new authority, which signs for servers. @param now milliseconds since the Unix epoch */
export function makeAuthority(now: number): Identity {
  const { privateKey, publicKey } = newKeys();
  // Two authorities of one name and different keys would be taken for each other.
  const name = nameOf(`wirelint proxy CA ${randomBytes(4).toString('hex')}`);
  const notBefore = now - SKEW;
  const cert = issue({
    subject: name,
    issuer: name,
    publicKey,
    signer: privateKey,
    notBefore,
    notAfter: notBefore + AUTHORITY_DAYS * DAY,
    extensions: [
      extension(x509.id_ce_basicConstraints, new x509.BasicConstraints({ cA: true, pathLenConstraint: 0 }), true),
      extension(
        x509.id_ce_keyUsage,
        new x509.KeyUsage(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign),
        true,
      ),
      extension(x509.id_ce_subjectKeyIdentifier, new x509.SubjectKeyIdentifier(keyIdOf(spkiOf(publicKey)))),
    ],
  });
  return { key: pemOf(privateKey), cert };
}

/** A certificate for a server, with when it ends. @param names DNS names and IP addresses, the first of them its own */
export function makeLeaf(names: readonly string[], { cert, key }: Issuer, now: number): Identity & { until: number } {
  const { privateKey, publicKey } = newKeys();
  const authority = AsnConvert.parse(derOf(cert), x509.Certificate).tbsCertificate;
  const notBefore = Math.max(now - SKEW, authority.validity.notBefore.getTime().getTime());
  const notAfter = Math.min(notBefore + LEAF_DAYS * DAY, authority.validity.notAfter.getTime().getTime());
  const authorityKey = keyIdOf(authority.subjectPublicKeyInfo);
  const [own] = names;
  const leaf = issue({
    subject: nameOf(own.length <= LONGEST_COMMON_NAME ? own : 'wirelint proxy'),
    issuer: authority.subject,
    publicKey,
    signer: key,
    notBefore,
    notAfter,
    extensions: [
      extension(x509.id_ce_basicConstraints, new x509.BasicConstraints({ cA: false }), true),
      extension(x509.id_ce_keyUsage, new x509.KeyUsage(x509.KeyUsageFlags.digitalSignature), true),
      extension(x509.id_ce_extKeyUsage, new x509.ExtendedKeyUsage([ID_SERVER_AUTH])),
      extension(x509.id_ce_subjectAltName, new x509.SubjectAlternativeName(names.map(generalName))),
      extension(x509.id_ce_subjectKeyIdentifier, new x509.SubjectKeyIdentifier(keyIdOf(spkiOf(publicKey)))),
      extension(
        x509.id_ce_authorityKeyIdentifier,
        new x509.AuthorityKeyIdentifier({ keyIdentifier: new x509.KeyIdentifier(authorityKey) }),
      ),
    ],
  });
  return { key: pemOf(privateKey), cert: leaf, until: notAfter };
}

interface Issue {
  readonly subject: x509.Name;
  readonly issuer: x509.Name;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: readonly x509.Extension[];
}

/** @returns PEM */
function issue({ subject, issuer, publicKey, signer, notBefore, notAfter, extensions }: Issue): string {
  const algorithm = new x509.AlgorithmIdentifier({ algorithm: ID_ECDSA_WITH_SHA256 });
  const tbsCertificate = new x509.TBSCertificate({
    version: x509.Version.v3,
    serialNumber: newSerial(),
    signature: algorithm,
    issuer,
    subject,
    validity: new x509.Validity({ notBefore: wholeSeconds(notBefore), notAfter: wholeSeconds(notAfter) }),
    subjectPublicKeyInfo: spkiOf(publicKey),
    extensions: new x509.Extensions([...extensions]),
  });
  const signed = createSignature('sha256', new Uint8Array(AsnConvert.serialize(tbsCertificate)), signer);
  const certificate = new x509.Certificate({
    tbsCertificate,
    signatureAlgorithm: algorithm,
    signatureValue: exactly(signed),
  });
  const text = Buffer.from(AsnConvert.serialize(certificate)).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${text.replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
}

function newKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
}

/** A positive number that nobody can guess, without a zero in front that DER would leave out. */
function newSerial(): ArrayBuffer {
  const bytes = randomBytes(SERIAL_LENGTH);
  bytes[0] = (bytes[0] & 0x3f) | 0x40;
  return exactly(bytes);
}

function nameOf(commonName: string): x509.Name {
  const value = new x509.AttributeValue({ utf8String: commonName });
  const attribute = new x509.AttributeTypeAndValue({ type: ID_COMMON_NAME, value });
  return new x509.Name([new x509.RelativeDistinguishedName([attribute])]);
}

function generalName(name: string): x509.GeneralName {
  if (isIP(name) === 0) return new x509.GeneralName({ dNSName: name });
  const address = ipaddr.parse(name.replace(/%.*$/, ''));
  const isMapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress();
  return new x509.GeneralName({ iPAddress: (isMapped ? address.toIPv4Address() : address).toNormalizedString() });
}

function extension(id: string, value: object, critical = false): x509.Extension {
  const extnValue = new OctetString(AsnConvert.serialize(value));
  return new x509.Extension({ extnID: id, critical, extnValue });
}

function spkiOf(publicKey: KeyObject): x509.SubjectPublicKeyInfo {
  return AsnConvert.parse(publicKey.export({ type: 'spki', format: 'der' }), x509.SubjectPublicKeyInfo);
}

/** RFC 5280 4.2.1.2: the SHA-1 of the key's bits. */
function keyIdOf({ subjectPublicKey }: x509.SubjectPublicKeyInfo): ArrayBuffer {
  return exactly(createHash('sha1').update(new Uint8Array(subjectPublicKey)).digest());
}

function derOf(pem: string): Uint8Array {
  return Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** RFC 5280 4.1.2.5: times have no fraction. */
function wholeSeconds(milliseconds: number): Date {
  return new Date(Math.floor(milliseconds / 1_000) * 1_000);
}

/** A buffer of these bytes alone: small ones of Node share a larger buffer. */
function exactly(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
