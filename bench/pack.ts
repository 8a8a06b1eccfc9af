/**
 * What users install: the package as `npm pack` makes it, in an empty folder. How large it is, with how many packages, and how
 * long its first verdict takes. A protocol of one's own, as docs/protocol.md writes it, is built and judged with beside it, and
 * `inspect` opens on a terminal: a package that lacks something of these ends the benchmark.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { progress, ROOT } from './contest.ts';
import { type Cost, measure, medianCost, pinning } from './measure.ts';
import { Terminal } from './terminal.ts';

export interface Package {
  /** Bytes of the archive. */
  readonly archive: number;
  /** Bytes on disk of all that is installed, and files. */
  readonly installed: number;
  readonly files: number;
  /** Packages, this one among them. */
  readonly packages: number;
  /** The first `check` of a small capture after the installation, and one of those after it. */
  readonly first: Cost;
  readonly later: Cost;
  /** Rules of the protocol of one's own that it has judged by. */
  readonly pluginRules: number;
  /** Seconds until `inspect` shows its first screen; absent without a pseudo-terminal. */
  readonly firstScreen: number | undefined;
}

const CAPTURE = `${ROOT}fixtures/mnet/faults.pcap`;
/** It has findings. */
const FINDINGS = 1;

/** @param root of a project that is built, whose package is measured @throws Error when something does not work from it */
export async function measurePackage(root: string, runs: number): Promise<Package> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelint-pack-'));
  try {
    const archive = packInto(folder, root);
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
    npm(folder, 'install', '--no-audit', '--no-fund', '--prefer-offline', archive);
    const modules = join(folder, 'node_modules');
    const lock = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')) as { packages: object };
    const program = join(modules, 'wirelint/dist/src/cli/main.js');
    const check = () => verdict([process.execPath, program, 'check', CAPTURE, '--format', 'json']);
    const first = await check();
    const later: Cost[] = [];
    for (let run = 0; run < runs; run++) later.push(await check());
    return {
      archive: lstatSync(archive).size,
      ...onDisk(modules),
      packages: Object.keys(lock.packages).length,
      first,
      later: medianCost(later),
      pluginRules: await judgeByPlugin(folder, program),
      firstScreen: await openInspect(program),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns the path of the archive */
function packInto(folder: string, root: string): string {
  const said = npm(root, 'pack', '--ignore-scripts', '--json', '--pack-destination', folder);
  const [{ filename }] = JSON.parse(said) as [{ filename: string }];
  return join(folder, filename);
}

function npm(cwd: string, ...words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('npm', words, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${words[0]}: ${stderr.trim()}`);
  return stdout;
}

async function verdict(command: readonly string[]): Promise<Cost> {
  const run = await measure([...pinning(), ...command]);
  if (run.exitCode !== FINDINGS) throw new Error(`${command.join(' ')}: exit code ${run.exitCode}: ${run.stderr}`);
  return run;
}

function onDisk(folder: string): { installed: number; files: number } {
  let [installed, files] = [0, 0];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const status = lstatSync(join(entry.parentPath, entry.name));
    installed += status.blocks * 512;
    if (status.isFile()) files++;
  }
  return { installed, files };
}

/** Builds the example that is in the package, as its README says, and judges its own capture. */
async function judgeByPlugin(folder: string, program: string): Promise<number> {
  const plugin = join(folder, 'kv');
  cpSync(join(folder, 'node_modules/wirelint/examples/kv'), plugin, { recursive: true });
  // Of its own packages it needs two, which are here.
  mkdirSync(join(plugin, 'node_modules'));
  for (const name of ['@types', 'undici-types'])
    cpSync(join(ROOT, 'node_modules', name), join(plugin, 'node_modules', name), { recursive: true });
  node(plugin, join(ROOT, 'node_modules/typescript/bin/tsc'));
  node(plugin, 'dist/test/make-capture.js', 'kv.pcap');
  const words = ['check', join(plugin, 'kv.pcap'), '--plugin', plugin, '--format', 'json', '--fail-on', 'never'];
  const run = await measure([process.execPath, program, ...words]);
  if (run.exitCode !== 0) throw new Error(`check --plugin: exit code ${run.exitCode}: ${run.stderr}`);
  const { protocols } = JSON.parse(run.stdout) as { protocols: { id: string; rules: { checked: number }[] }[] };
  const kv = protocols.find(({ id }) => id === 'kv');
  const checked = kv?.rules.filter(rule => rule.checked > 0).length ?? 0;
  if (checked === 0) throw new Error('check --plugin: no rule of the plugin was checked');
  return checked;
}

function node(cwd: string, ...words: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${words.join(' ')}: ${stdout}${stderr}`);
}

async function openInspect(program: string): Promise<number | undefined> {
  if (spawnSync('script', ['--version']).error) {
    progress('skipped: inspect of the package: script is not installed (apt-get install bsdutils)');
    return undefined;
  }
  const terminal = new Terminal([process.execPath, program, 'inspect', CAPTURE], pinning());
  try {
    const shown = await terminal.until('the first connection', screen =>
      screen.some(line => line.includes('10.0.0.9:26999')),
    );
    terminal.press('Q');
    await terminal.ended();
    return (shown - terminal.started) / 1000;
  } finally {
    terminal.kill();
  }
}
