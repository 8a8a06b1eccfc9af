/** Two correct ends of a filestorage connection, for tests of many conversations. */
import { closing, first, type Line, second } from '../../kit/filestorage.ts';

/** Two correct ends: the client waits for its answers, and sends again what is refused. */
export function upload(edition: '2019-12' | '2020-01', files: readonly number[], refusals: readonly boolean[]): Line[] {
  const uploads = files.map((size, at) => ({ name: `file${at}`, size }));
  let message = 2;
  const later20 = edition === '2020-01';
  const lines = later20
    ? [
        second.authentication(1, uploads),
        second.responses(
          1,
          files.map(() => 'Upload OK'),
        ),
      ]
    : [first.authentication(1, files), first.ok(1)];
  for (const file of uploads) {
    for (let n = 1, left = file.size; left > 0; message++) {
      const size = Math.min(1_000, left);
      const refused = refusals[message % refusals.length] && refusals.includes(false);
      lines.push(later20 ? second.transfer(message, file, n) : first.transfer(message, size));
      if (refused) lines.push(later20 ? second.notOk(message) : first.error(message));
      else lines.push(later20 ? second.ok(message) : first.ok(message));
      if (refused) continue;
      left -= size;
      n++;
    }
  }
  return [...lines, ...closing];
}
