/** Why a TLS handshake failed, in words that let the user fix it. The codes are those of OpenSSL. */
import { codeOf, reasonOf } from '../../system-errors.ts';

const HOW_TO_TRUST = 'give its CA with --upstream-ca or accept it with --insecure';
const HOW_TO_ACCEPT = 'accept it with --insecure';
const UNKNOWN_ISSUER = `the certificate is not trusted (its issuer is unknown); ${HOW_TO_TRUST}`;
const SELF_SIGNED = `the certificate is not trusted (self-signed); ${HOW_TO_TRUST}`;
const NOT_TLS = 'it does not speak TLS there';
const CUT_OFF = 'it closed the connection in the middle of the handshake';
const NO_VERSION = 'no version of TLS is common to both';
const NO_CIPHER = 'no cipher suite is common to both';
const WANTS_CERTIFICATE = 'it asks for a client certificate; give one with --client-cert and --client-key';
const REFUSES_CERTIFICATE = 'it does not accept the client certificate; give another one with --client-cert';

const OF_SERVER: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: SELF_SIGNED,
  SELF_SIGNED_CERT_IN_CHAIN: `the certificate is not trusted (its CA is self-signed); ${HOW_TO_TRUST}`,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_ISSUER,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_ISSUER,
  CERT_HAS_EXPIRED: `the certificate has expired; ${HOW_TO_ACCEPT}`,
  CERT_NOT_YET_VALID: `the certificate is not valid yet; ${HOW_TO_ACCEPT}`,
  INVALID_PURPOSE: `the certificate is not one for servers; ${HOW_TO_ACCEPT}`,
  ERR_SSL_WRONG_VERSION_NUMBER: NOT_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NOT_TLS,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: WANTS_CERTIFICATE,
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: 'it speaks none of the protocols that were offered (ALPN)',
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'it speaks none of the protocols that were offered (ALPN)',
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: 'it has no server of the name that was asked for (SNI)',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: NO_VERSION,
  ERR_SSL_UNSUPPORTED_PROTOCOL: NO_VERSION,
};

/** What a server says of the client's certificate, or of there being none. */
const ABOUT_CERTIFICATE = /ALERT_(HANDSHAKE_FAILURE|BAD_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED)$/;

/**
 * The server's part.
 * @param name that its certificate was to be for
 * @param showsCertificate whether the proxy has a client certificate to show
 */
export function serverProblem(error: Error, name: string, showsCertificate: boolean): string {
  const code = codeOf(error);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return wrongName(error, name);
  const known = OF_SERVER[code];
  if (known !== undefined) return known;
  if (ABOUT_CERTIFICATE.test(code)) {
    if (showsCertificate) return REFUSES_CERTIFICATE;
    if (!code.endsWith('HANDSHAKE_FAILURE')) return WANTS_CERTIFICATE;
    return 'it refuses the handshake; it may ask for a client certificate (--client-cert), or for another version or cipher';
  }
  return isCutOff(error) ? CUT_OFF : inWords(error);
}

function wrongName(error: Error, name: string): string {
  const { cert } = error as { cert?: { subjectaltname?: string } };
  const names = cert?.subjectaltname?.split(', ').map(each => each.replace(/^(?:DNS|IP Address):/, '')) ?? [];
  const others = names.length > 3 ? [...names.slice(0, 3), 'others'] : names;
  const whose = others.length === 0 ? 'names nobody' : `is for ${others.join(', ')}`;
  return `the certificate ${whose}, not for ${name}; name the upstream as it does, or accept it with --insecure`;
}

const OF_CLIENT: Readonly<Record<string, string>> = {
  ERR_SSL_NO_SHARED_CIPHER: NO_CIPHER,
  ERR_SSL_UNSUPPORTED_PROTOCOL: NO_VERSION,
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'the client speaks none of the protocols of --alpn',
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'the client has no certificate, and --client-ca asks for one',
};

const DISTRUST = /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_\w+)$/;

/**
 * The client's part.
 * @param areMade whether it saw a certificate of the proxy's own CA
 * @param unauthorized what was found wrong with its own certificate
 */
export function clientProblem(error: Error, areMade: boolean, unauthorized: string | undefined): string {
  const code = codeOf(error);
  if (unauthorized !== undefined) {
    const what = unauthorized.toLowerCase().replaceAll('_', ' ');
    return `the client's certificate is not of a CA of --client-ca (${what})`;
  }
  if (DISTRUST.test(code)) {
    const how = areMade ? 'give it the CA that wirelint proxy --print-ca prints' : 'give it the CA of --cert';
    return `the client does not trust the certificate; ${how}`;
  }
  if (isCutOff(error)) {
    return 'the client closed the connection in the middle of the handshake; perhaps it does not trust the certificate';
  }
  return OF_CLIENT[code] ?? inWords(error);
}

/** A failure of TLS itself, and not of the connection beneath it. */
export function isOfTls(error: Error): boolean {
  return codeOf(error).startsWith('ERR_SSL_');
}

function isCutOff(error: Error): boolean {
  return ['ECONNRESET', 'EPIPE'].includes(codeOf(error));
}

function inWords(error: Error): string {
  const { reason } = error as { reason?: unknown };
  const alert = /_ALERT_(\w+)$/.exec(codeOf(error))?.[1];
  if (alert !== undefined)
    return `the other side refused the handshake (alert: ${alert.toLowerCase().replaceAll('_', ' ')})`;
  return `the handshake failed: ${typeof reason === 'string' ? reason : reasonOf(error)}`;
}
