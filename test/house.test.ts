/** Who imports whom: in no circle, and as the README says. `npm run docs` writes that part of the README again. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Arrow, betweenRooms, circles, importsBetweenFiles, picture } from './kit/house.ts';
import { sourcesUnder, sourceText } from './kit/sources.ts';

const FILES = ['src', 'dissectors'].flatMap(sourcesUnder);
const GENERATED = /<!-- generated: (\S+) -->\n[\s\S]*?<!-- end -->/g;

describe('circles', () => {
  const arrow = (text: string): Arrow => ({ from: text[0] ?? '', to: text[1] ?? '' });

  test('are found, by way of others too, and whatever else leads to them and from them', () => {
    expect(circles(['ab', 'bc', 'ac', 'cd'].map(arrow))).toEqual([]);
    expect(circles(['ab', 'bc', 'cb', 'cd', 'ef', 'fg', 'ge', 'de'].map(arrow))).toEqual([
      ['b', 'c'],
      ['e', 'f', 'g'],
    ]);
  });

  test('stand neither between files nor between rooms, even where only types are imported', async () => {
    const files = await importsBetweenFiles();
    // The analysis has read them all, and sees imports of types.
    expect(new Set(files.map(({ from }) => from)).size).toBeGreaterThan(FILES.length / 2);
    expect(files).toContainEqual({ from: 'src/engine.ts', to: 'src/capture/source.ts' });
    expect(circles(files)).toEqual([]);
    expect(circles(betweenRooms(files))).toEqual([]);
  });
});

test('the picture of the house has each room above those that it imports', () => {
  const arrows = [
    { from: 'src/cli', to: 'src/net' },
    { from: 'src/cli', to: 'src/engine.ts' },
    { from: 'src/engine.ts', to: 'src/net' },
  ];
  expect(picture(arrows).split('\n')).toEqual(['cli        engine.ts net', 'engine.ts  net', 'net']);
});

test('the README says who imports whom', async () => {
  const house = picture(betweenRooms(await importsBetweenFiles()));
  const text = sourceText('README.md');
  expect([...text.matchAll(GENERATED)].map(([, name]) => name)).toEqual(['house']);
  const made = text.replace(
    GENERATED,
    () => `<!-- generated: house -->\n\n\`\`\`text\n${house}\n\`\`\`\n\n<!-- end -->`,
  );
  const file = fileURLToPath(new URL('../README.md', import.meta.url));
  await expect(made, 'README.md is out of date: run "npm run docs"').toMatchFileSnapshot(file);
});
