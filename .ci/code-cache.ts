/**
 * The last step of `npm run build`: lets the program check some captures, and keeps what V8 made of the parts that it loaded for that,
 * the functions that ran included. See src/cli/code-cache.ts, which uses it; newer versions of Node leave nothing here to keep.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const FOLDER = 'dist/src';
/** One with findings, and one of each other protocol of which much runs: what the cache does not have is compiled at each start. */
const CAPTURES = ['mnet/faults.pcap', 'filestorage/2020-01-04-upload.pcap', 'mqtt/aedes-mqttjs-311-basic.pcap'];
const ARGUMENTS = [
  ...['--import', './.ci/keep-scripts.js', 'dist/src/cli/main.js', 'check'],
  ...CAPTURES.map(name => `fixtures/${name}`),
];

const parts = readdirSync(FOLDER).filter(name => name.endsWith('.cjs'));
const caches = parts
  .map(name => join(FOLDER, name))
  .filter(path => !/\bimport\(/.test(readFileSync(path, 'utf8')))
  .map(path => `${path}.cache`);
// A part with such a file is loaded in the way in which it can be kept; nothing can be made of an empty one.
for (const cache of caches) writeFileSync(cache, '');
const { status } = spawnSync(process.execPath, ARGUMENTS, { stdio: ['ignore', 'ignore', 'inherit'] });
for (const cache of caches) if (statSync(cache).size === 0) rmSync(cache);
if (status !== 1) throw new Error(`node ${ARGUMENTS.join(' ')} ended with ${status}, not with 1 for findings`);
