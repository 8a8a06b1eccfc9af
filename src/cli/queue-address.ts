/**
 * Where a queue is: `redis://[USER:PASSWORD@]HOST[:PORT][/DB]`, `rediss://` for TLS. A password may come from the variable that
 * redis-cli takes it from, which does not show it to everyone who lists processes. Neither it nor the user is ever printed.
 */
import { UsageError } from '../settings/words.ts';
import type { Host } from './host.ts';

export interface QueueAddress {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly isSecure: boolean;
  /** Without user and password. */
  readonly name: string;
}

const USUAL_PORT = 6379;
const FORM = 'redis://HOST[:PORT][/DB], or rediss:// for TLS';

/** @throws UsageError, which does not repeat what was given: there may be a password in it */
export function parseQueueAddress(text: string, environment: Host['environment']): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '')
    throw new UsageError(`--queue: expected ${FORM}`);
  const db = /^(?:\/(\d{1,5})?)?$/.exec(url.pathname);
  if (!db)
    throw new UsageError(
      `--queue ${url.protocol}//${url.host}: what stands behind the host is the number of a database: ${FORM}`,
    );
  if (url.search !== '' || url.hash !== '')
    throw new UsageError(`--queue ${url.protocol}//${url.host}: takes no parameters: ${FORM}`);
  const port = url.port === '' ? USUAL_PORT : Number(url.port);
  const number = Number(db[1] ?? 0);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    db: number,
    username: decoded(url.username),
    password: decoded(url.password) ?? (environment.REDISCLI_AUTH || undefined),
    isSecure: url.protocol === 'rediss:',
    name: `${url.protocol}//${url.hostname}:${port}${number === 0 ? '' : `/${number}`}`,
  };
}

function decoded(part: string): string | undefined {
  if (part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw new UsageError('--queue: user and password are percent-encoded in a URL: %25 for a %');
  }
}
