/**
 * A Unix socket that only its owner can ever connect to, from the first moment on: it is made within a folder that nobody
 * else can enter, gets its mode there, and only then its place. (A mask of the process would hold for all that it makes in
 * the meantime.)
 */
import { chmod, lstat, mkdtemp, rename, rm, unlink } from 'node:fs/promises';
import type * as net from 'node:net';
import { dirname } from 'node:path';
import { UsageError } from '../../settings/words.ts';
import { reasonOf, TO_WRITE } from '../../system-errors.ts';
import { removeStale, SOCKET_MODE } from './stale-socket.ts';

/** sun_path of Linux, less the zero at its end. */
const LONGEST_PATH = 107;

/**
 * Listens at a path, in place of a socket that was left behind there.
 * @returns what takes the socket away again, unless another one stands there by then
 * @throws UsageError when nobody can listen there
 */
export async function listenPrivately(server: net.Server, path: string): Promise<() => Promise<void>> {
  const refused = (reason: string) => new UsageError(`cannot listen on unix:${path}: ${reason}`);
  await removeStale(path);
  const folder = await mkdtemp(`${dirname(path)}/.`).catch(error => {
    throw refused(reasonOf(error, TO_WRITE));
  });
  try {
    const hidden = `${folder}/s`;
    if (Buffer.byteLength(hidden) > LONGEST_PATH) throw refused('the path is too long for a Unix socket');
    await listening(server, hidden);
    await chmod(hidden, SOCKET_MODE);
    await rename(hidden, path);
    const { ino, dev } = await lstat(path);
    return async () => {
      const there = await lstat(path).catch(() => undefined);
      if (there?.ino === ino && there.dev === dev) await unlink(path).catch(() => {});
    };
  } catch (error) {
    server.close();
    throw error instanceof UsageError ? error : refused(reasonOf(error, TO_WRITE));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function listening(server: net.Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
