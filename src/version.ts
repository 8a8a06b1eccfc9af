/** The program's name and version, from the one place that states them: package.json. */
import { existsSync, readFileSync } from 'node:fs';
import type { Tool } from './report/json.ts';

/** Above the sources, and above the build in dist/, where this may stand in any file. */
const PLACES = ['../package.json', '../../package.json', '../../../package.json'];

export function readTool(): Tool {
  const file = PLACES.map(place => new URL(place, import.meta.url)).find(place => existsSync(place));
  if (!file) throw new Error('package.json is missing: the installation is damaged');
  const { name, version } = JSON.parse(readFileSync(file, 'utf8'));
  return { name, version };
}
