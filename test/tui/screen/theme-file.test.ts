/** A theme of the user's own: what its file may say, and what comes of it on terminals of each kind. */
import { describe, expect, test } from 'vitest';
import { fileNamed, readData } from '../../../src/configuration/file.ts';
import { UsageError } from '../../../src/settings/words.ts';
import { Theme } from '../../../src/tui/screen/theme.ts';
import { ownThemeOf } from '../../../src/tui/screen/theme-file.ts';
import { Themes } from '../../../src/tui/screen/themes.ts';
import { folderWith } from '../../kit/folder.ts';

async function read(text: string, name = 'night.yaml') {
  const file = fileNamed(name, folderWith({ [name]: text }));
  return ownThemeOf(await readData(file, 'a theme'), file, 'dark');
}

describe('a theme in a file', () => {
  test('names roles, and what it is laid over', async () => {
    const yaml =
      "base: light\nerror: { fg: '#C00000', bold: false, underline: true }\nclient: 24\nserver: bright-blue\n";
    const theme = {
      name: 'night',
      ground: 'light',
      roles: { error: { fg: '#c00000', bold: false, underline: true }, client: { fg: 24 }, server: { fg: 12 } },
    };
    expect(await read(yaml)).toEqual(theme);
    const json =
      '{ "base": "light", "error": { "fg": "#c00000", "bold": false, "underline": true }, "client": 24, "server": 12 }';
    expect(await read(json, 'night.json')).toEqual(theme);
  });

  test('is for the terminal at hand where it does not say for which', async () => {
    expect(await read('key: 180')).toMatchObject({ ground: 'dark' });
  });

  test.each([
    ['a role that there is not', 'clinet: 24', '1:1: unknown role clinet; did you mean client?'],
    ['an attribute that there is not', 'key: { bolt: true }', '1:8: key: unknown attribute bolt; did you mean bold?'],
    [
      'a colour that is none',
      "key: 12\nerror: { fg: '#ff' }",
      '2:14: error.fg: "#ff": expected a number from 0 to 255, \'#rrggbb\'',
    ],
    ['a number that is no colour', 'error: 256', '1:8: error: 256: expected a number'],
    [
      'a word in place of true',
      'error: { bold: yes please }',
      '1:16: error.bold: "yes please": expected true or false',
    ],
    ['another base', 'base: pink', '1:7: base: "pink": expected one of dark, light'],
    ['a list', '- key', '1:1: expected an object of roles, not a list'],
    ['nothing', '', 'it is empty'],
  ])('%s is refused, with its place', async (_, text, words) => {
    const error = await read(text).catch(reason => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toContain(words);
    expect(error.message).not.toContain('\n');
  });
});

describe('drawn', () => {
  const OWN = { error: { fg: '#c00001' }, client: { fg: 24, bold: true }, match: { bg: '#123456' } } as const;

  test('with 256 colours, by the nearest one; what it does not name stays', () => {
    const [own, base] = [new Theme(256, 'dark', OWN), new Theme(256, 'dark')];
    expect([own.style('error'), own.style('client')]).toEqual([
      { fg: 124, bold: true },
      { fg: 24, bold: true },
    ]);
    expect(own.style('server')).toEqual(base.style('server'));
    expect([own.style('error', 'focus'), own.exact.size]).toEqual([base.style('error', 'focus'), 0]);
    expect(own.style('match', 'other').bg).toBe(base.style('match', 'other').bg);
  });

  test('with true colours, each has an index of its own', () => {
    const own = new Theme(256, 'dark', OWN, true);
    const index = own.style('error').fg!;
    expect([own.exact.get(index), own.exact.get(own.style('match').bg!)]).toEqual(['#c00001', '#123456']);
    expect(own.exact.has(24)).toBe(false);
  });

  test('with 16 colours, and with none', () => {
    const [few, none] = [new Theme(16, 'dark', OWN), new Theme(0, 'dark', OWN)];
    expect([few.style('error').fg, few.style('client')]).toEqual([1, { fg: 6, bold: true }]);
    expect([none.style('error'), none.style('client')]).toEqual([{ bold: true, underline: true }, { bold: true }]);
  });

  test('is one of those that are gone through', () => {
    const ownTheme = { name: 'night', ground: 'light', roles: OWN } as const;
    const themes = new Themes({ depth: 256, ground: 'light', ownTheme });
    expect([themes.names, themes.first]).toEqual([['dark', 'light', 'night'], 'night']);
    expect(themes.named('night').style('error').fg).toBe(124);
    expect(themes.named('light').style('error')).toEqual(new Theme(256, 'light').style('error'));
  });
});
