/**
 * Who imports whom, in our own sources, as dependency-cruiser finds it: types included, because what two files must know
 * of each other ties them together whether or not it is there when the program runs. A room is a folder of `src/`, a file
 * that stands in none, or `dissectors/`.
 */
import { cruise, type IModule } from 'dependency-cruiser';

export interface Arrow {
  readonly from: string;
  readonly to: string;
}

const OURS = /^(?:src|dissectors)\//;
const WIDTH = 120;

let found: Promise<readonly Arrow[]> | undefined;

/** All imports between our files; found once, however often it is asked for. */
export function importsBetweenFiles(): Promise<readonly Arrow[]> {
  found ??= findImports();
  return found;
}

async function findImports(): Promise<readonly Arrow[]> {
  const { output } = await cruise(['src', 'dissectors'], {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  });
  if (typeof output === 'string') throw new Error('dependency-cruiser gave a text');
  const arrowsOf = ({ source, dependencies }: IModule) =>
    dependencies.filter(({ resolved }) => OURS.test(resolved)).map(({ resolved }) => ({ from: source, to: resolved }));
  return output.modules.filter(({ source }) => OURS.test(source)).flatMap(arrowsOf);
}

/** `src/net` of `src/net/tcp.ts`, `src/engine.ts` of itself, `dissectors` of all that is in it. */
export function roomOf(file: string): string {
  const [top, room] = file.split('/');
  return top === 'dissectors' ? top : `${top}/${room}`;
}

/** The arrows between rooms, each once. */
export function betweenRooms(files: readonly Arrow[]): readonly Arrow[] {
  const rooms = new Map<string, Arrow>();
  for (const { from, to } of files) {
    const arrow = { from: roomOf(from), to: roomOf(to) };
    if (arrow.from !== arrow.to) rooms.set(`${arrow.from} ${arrow.to}`, arrow);
  }
  return [...rooms.values()];
}

/** Those that import each other, directly or by way of others: each group sorted, and nothing where there is no circle. */
export function circles(arrows: readonly Arrow[]): readonly (readonly string[])[] {
  const left = targets(arrows);
  // What imports nothing that is left is in no circle.
  const isLast = (node: string) => [...(left.get(node) ?? [])].every(to => !left.has(to));
  for (let gone = [...left.keys()].filter(isLast); gone.length > 0; gone = [...left.keys()].filter(isLast)) {
    for (const node of gone) left.delete(node);
  }
  const reached = new Map([...left.keys()].map(node => [node, reachedFrom(node, left)] as const));
  const groups = [...reached.keys()].map(node =>
    [...reached.keys()].filter(other => reached.get(node)?.has(other) && reached.get(other)?.has(node)).sort(),
  );
  return [...new Map(groups.filter(group => group.length > 0).map(group => [group.join(' '), group])).values()];
}

/**
 * The picture of the house as text, to be read from the top: a room a line, with the rooms whose files it imports, which all
 * stand further down.
 */
export function picture(arrows: readonly Arrow[]): string {
  const imported = targets(arrows);
  const depths = new Map<string, number>();
  const depthOf = (room: string): number => {
    const known = depths.get(room);
    if (known !== undefined) return known;
    depths.set(room, 0);
    const depth = Math.max(0, ...[...(imported.get(room) ?? [])].map(to => depthOf(to) + 1));
    depths.set(room, depth);
    return depth;
  };
  const rooms = [...imported.keys()].sort((a, b) => depthOf(b) - depthOf(a) || (a < b ? -1 : 1));
  const names = new Map(rooms.map(room => [room, room.replace(/^src\//, '')]));
  const column = Math.max(...[...names.values()].map(name => name.length)) + 2;
  return rooms
    .flatMap(room => {
      const below = rooms.filter(other => imported.get(room)?.has(other)).map(other => names.get(other) ?? other);
      const lines = wrapped(below, WIDTH - column);
      return lines.map((line, i) => (i === 0 ? (names.get(room) ?? room) : '').padEnd(column) + line);
    })
    .map(line => line.trimEnd())
    .join('\n');
}

function targets(arrows: readonly Arrow[]): Map<string, Set<string>> {
  const all = new Map<string, Set<string>>();
  const of = (node: string) => {
    const known = all.get(node) ?? new Set<string>();
    all.set(node, known);
    return known;
  };
  for (const { from, to } of arrows) {
    of(from).add(to);
    of(to);
  }
  return all;
}

function reachedFrom(start: string, all: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const reached = new Set<string>();
  const ahead = [start];
  for (let node = ahead.pop(); node !== undefined; node = ahead.pop()) {
    for (const to of all.get(node) ?? []) {
      if (!all.has(to) || reached.has(to)) continue;
      reached.add(to);
      ahead.push(to);
    }
  }
  return reached;
}

/** Words in lines of at most `width` characters; one empty line for no words. */
function wrapped(words: readonly string[], width: number): readonly string[] {
  const lines: string[] = [''];
  for (const word of words) {
    const last = lines[lines.length - 1] ?? '';
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
