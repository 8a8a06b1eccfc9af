/** Makes way for a Unix socket: one that a process left behind is removed, one that somebody listens on never is. */
import { access, lstat, unlink } from 'node:fs/promises';
import * as net from 'node:net';
import { dirname } from 'node:path';
import { UsageError } from '../../settings/words.ts';
import { codeOf, reasonOf, TO_WRITE } from '../../system-errors.ts';

/** Only the owner may connect, as the proxy speaks in its name. */
export const SOCKET_MODE = 0o600;

/** Throws a `UsageError` when something stands at the path that is in use, or is no socket. */
export async function removeStale(path: string): Promise<void> {
  // The system speaks of permissions where there is no directory.
  await access(dirname(path)).catch(error => {
    throw new UsageError(`cannot listen on unix:${path}: ${reasonOf(error, TO_WRITE)}`);
  });
  const status = await lstat(path).catch(() => undefined);
  if (!status) return;
  if (!status.isSocket()) throw new UsageError(`cannot listen on unix:${path}: a file that is not a socket is there`);
  if (await isListenedOn(path))
    throw new UsageError(`cannot listen on unix:${path}: another program listens there already`);
  await unlink(path).catch(() => {});
}

function isListenedOn(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = net.connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // A socket of another kind (EPROTOTYPE) counts as in use: it may well have a listener.
    socket.once('error', error => resolve(codeOf(error) !== 'ECONNREFUSED'));
  });
}
