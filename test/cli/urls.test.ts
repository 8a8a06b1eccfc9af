/** Captures by URL, wherever a command takes captures: the reports of the file, and no secret of the URL in any of them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { check } from '../../src/api.ts';
import { CAPTURE, FINDINGS, OK, USAGE } from '../../src/cli/exit-code.ts';
import { FORMAT_NAMES } from '../../src/report/formats.ts';
import { giveFile, type Server, serve, serveFixtures } from '../kit/file-server.ts';
import { folderWith } from '../kit/folder.ts';
import { until } from '../kit/proxy.ts';
import { AUTHORITY, LOCAL } from '../kit/tls.ts';
import { requireTool } from '../kit/tools.ts';
import { FakeTty } from '../tui/fake-tty.ts';
import { CLEAN, LARGE, readFixture } from './captures.ts';
import { type Run, runAsBuilt, runIn, runInside, runOnTerminalWith, runUnder } from './host.ts';
import { start, wirelint } from './run.ts';

const FAULTS = 'fixtures/mnet/faults.pcap';
const LOSSY = 'fixtures/mnet/lossy.pcap';

/** What was printed, with the server's name taken off. */
const asOfFiles = <T extends { readonly stdout: string; readonly stderr: string }>(run: T, { origin }: Server): T => ({
  ...run,
  stdout: run.stdout.replaceAll(`${origin}/`, ''),
  stderr: run.stderr.replaceAll(`${origin}/`, ''),
});

/** Why a file is missing has other words than why a URL is. */
const withoutReasons = (run: Run): Run => ({
  ...run,
  stdout: run.stdout.replaceAll(/none\.pcap: [^"]*/g, 'none.pcap'),
  stderr: run.stderr.replaceAll(/none\.pcap: .*/g, 'none.pcap'),
});

describe('the outcome is that of the file', () => {
  test.each([
    ['check', '--format', 'json', '--all-connections', FAULTS, LOSSY, 'fixtures/mqtt/mosquitto-paho-5-shared.pcap'],
    ['check', '--format', 'ndjson', FAULTS, 'fixtures/filestorage/2020-01-04-upload.pcap', 'fixtures/none.pcap'],
    ['check', '--sort', '-d', 'udp.port==26999,mnet', 'fixtures/field/5b-two-taps-appended-mnet.pcap'],
    ['dissect', '--layers', '--hex', CLEAN],
    ['dissect', '--sort', '--format', 'ndjson', FAULTS],
    ['dissect', '--frame', '7', FAULTS],
    ['replay', 'fixtures/mnet/none.pcap', '--as', 'server', '--listen', 'udp:0'],
  ])('%s %s %s', async (...args) => {
    const server = await serveFixtures({ breakAfter: 3_000, headers: { etag: '"one"' } });
    const byUrl = args.map(arg => (arg.startsWith('fixtures/') ? `${server.origin}/${arg}` : arg));
    const [own, others] = [await runInside(...args), asOfFiles(await runInside(...byUrl), server)];
    expect(withoutReasons(others)).toEqual(withoutReasons(own));
    expect(own.stdout + own.stderr).not.toBe('');
  });

  test('of captures in a list, in one thread and in two', async () => {
    const server = await serveFixtures();
    const names = [FAULTS, LOSSY, CLEAN];
    const folder = folderWith({
      files: names.map(name => `${name}\n`).join(''),
      urls: names.map(name => `${server.origin}/${name}\n`).join(''),
    });
    const own = await runAsBuilt('check', '--format', 'json', `@${folder}/files`);
    const args = ['check', '--format', 'json', `@${folder}/urls`];
    expect(asOfFiles(await runAsBuilt(...args), server)).toEqual(own);
    expect(asOfFiles(await wirelint([...args, '--jobs', '2']), server)).toEqual(own);
    expect(own.code).toBe(FINDINGS);
  });

  test('in shards, which take what they would take of files, whether the server has ranges or not', async () => {
    const names = [FAULTS, LOSSY, CLEAN, LARGE, 'fixtures/mnet/none.pcap'];
    const folder = folderWith({});
    for (const ranges of [true, false]) {
      const server = await serveFixtures({ ranges });
      const urls = names.map(name => `${server.origin}/${name}?signature=${ranges}`);
      const blobs: string[] = [];
      for (const shard of ['1/3', '2/3', '3/3']) {
        const args = ['check', '--shard', shard, '--allow-empty', '--format', 'json'];
        blobs.push(join(folder, `${shard[0]}${ranges}.blob`));
        const [own, others] = await Promise.all([
          runInside(...args, ...names),
          runInside(...args, ...urls, '--report', `blob=${blobs.at(-1)}`),
        ]);
        const paths = (text: string) => JSON.parse(text).captures.map(({ path }: { path: string }) => path);
        expect(paths(asOfFiles(others, server).stdout)).toEqual(paths(own.stdout));
      }
      const merged = await runInside('merge', ...blobs, '--format', 'json');
      expect(merged).toEqual(await runInside('check', ...urls, '--format', 'json'));
    }
  });

  test('on the screen', async () => {
    const server = await serveFixtures();
    const screens: string[] = [];
    for (const path of [FAULTS, `${server.origin}/${FAULTS}`]) {
      const tty = new FakeTty();
      const over = runOnTerminalWith(tty, { environment: {} }, 'inspect', path);
      screens.push(await tty.until(/25 messages/));
      tty.type('Q');
      expect((await over).code).toBe(OK);
    }
    const [own, others] = screens.map(screen => screen.split('\n').slice(1, -1));
    expect(others).toEqual(own);
  });

  test('of the server that comes with Python, which knows no ranges', async () => {
    if (!requireTool('python3')) return;
    const python = spawn('python3', ['-u', '-m', 'http.server', '0', '--bind', '127.0.0.1'], { stdio: 'pipe' });
    onTestFinished(() => void python.kill());
    let said = '';
    python.stdout.on('data', text => {
      said += text;
    });
    await until('the server to listen', () => /port \d+/.test(said), 20_000);
    const origin = `http://127.0.0.1:${/port (\d+)/.exec(said)?.[1]}`;
    for (const args of [['check'], ['check', '--sort'], ['dissect', '--fields'], ['check', '--shard', '1/1']]) {
      expect(await runInside(...args, `${origin}/${FAULTS}`)).toEqual(await runInside(...args, FAULTS));
    }
    expect((await runInside('check', `${origin}/none.pcap`)).stderr).toContain('404');
  });
});

describe('a secret of a URL', () => {
  const SECRETS = /hunter2|s1gned|t0ken/;
  const secretUrl = ({ origin }: Server, path: string) =>
    `${origin.replace('//', '//ann:hunter2@')}/${path}?X-Signature=s1gned`;

  test('is in no report, line, blob or error', async () => {
    const server = await serveFixtures();
    const folder = folderWith({});
    const [faults, none] = [FAULTS, 'none.pcap'].map(path => secretUrl(server, path));
    const formats = [...FORMAT_NAMES.filter(name => name !== 'ndjson'), 'blob'];
    const reports = formats.flatMap(name => ['--report', `${name}=${join(folder, name)}`]);
    const runs = [
      await runInside('check', faults!, none!, '--statements', ...reports),
      await runInside('check', faults!, none!, '--format', 'ndjson'),
      await runInside('check', faults!, '--annotate', join(folder, 'a.pcapng')),
      await runInside('check', '--shard', '1/2', faults!, none!),
      await runInside('dissect', '--format', 'json', faults!),
      await runInside('dissect', none!),
      await runInside('dissect', faults!, none!),
      await runInside('extract', faults!, '--finding', '1', '-o', join(folder, 'extracted.pcapng')),
      await runInside('extract', none!, '--finding', '1', '-o', join(folder, 'extracted.pcapng')),
      await runInside(faults!),
      await runInside('chekc', faults!),
      await runInside('check', `@${faults}`),
      await runInside('check', faults!, '--nonsense'),
      await runInside('replay', faults!),
      await runInside('inspect', faults!),
      await wirelint(['check', '--jobs', '2', faults!, none!]),
      await runUnder(
        { WIRELINT_HTTP_AUTHORIZATION: `${server.origin} t0ken` },
        ...['check', `${server.origin}/none.pcap`],
      ),
      await runUnder({ WIRELINT_HTTP_AUTHORIZATION: `${server.origin} t0ken\nx` }, 'check', faults!),
      await runInside('check', 'http://ann:hunter2@[::1/x?s1gned'),
    ];
    for (const { stdout, stderr } of runs) expect(stdout + stderr).not.toMatch(SECRETS);
    expect(runs.map(({ code }) => code)).not.toContain(70);
    for (const name of readdirSync(folder)) {
      expect(readFileSync(join(folder, name), 'latin1'), name).not.toMatch(SECRETS);
    }
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['sarif', 'junit', 'blob', 'html', 'extracted.pcapng']));
    const basic = `Basic ${Buffer.from('ann:hunter2').toString('base64')}`;
    expect(new Set(server.asked.map(({ headers }) => headers.authorization))).toEqual(new Set([basic, 't0ken']));
  });

  test('is neither on the screen nor in what is remembered, where a URL without one is', async () => {
    const server = await serveFixtures();
    const state = folderWith({});
    const look = async (url: string) => {
      const tty = new FakeTty();
      const over = runOnTerminalWith(tty, { environment: { XDG_STATE_HOME: state } }, 'inspect', url);
      const screen = await tty.until(/25 messages/);
      tty.type('Q');
      await over;
      return screen;
    };
    expect(await look(secretUrl(server, FAULTS))).not.toMatch(SECRETS);
    await look(`${server.origin}/${FAULTS}`);
    const files = readdirSync(state, { recursive: true, encoding: 'utf8' }).map(name => join(state, name));
    const kept = files.filter(path => statSync(path).isFile()).map(path => readFileSync(path, 'utf8'));
    expect(kept.join()).toContain(`"${server.origin}/${FAULTS}"`);
    expect(kept.join()).not.toMatch(SECRETS);
  });

  test('is left out of its name, a fragment is not, and both captures can be told from each other', async () => {
    const server = await serveFixtures();
    const urls = ['1#first', '2#second'].map(end => `${server.origin}/${FAULTS}?id=${end}`);
    const { stdout } = await runInside('check', '--format', 'json', ...urls);
    const { captures } = JSON.parse(stdout);
    const name = `${server.origin}/${FAULTS}`;
    expect(captures.map(({ path }: { path: string }) => path)).toEqual([`${name}#first`, `${name}#second`]);
    expect(server.asked.map(({ path }) => path)).toEqual(['1', '2'].map(id => `/${FAULTS}?id=${id}`));
  });
});

describe('reports name the URL', () => {
  test('SARIF as the place, JUnit as the file', async () => {
    const server = await serveFixtures();
    const url = `${server.origin}/${FAULTS}`;
    const sarif = JSON.parse((await runInside('check', '--format', 'sarif', url)).stdout);
    expect(sarif.runs[0].artifacts.map((artifact: { location: { uri: string } }) => artifact.location.uri)).toContain(
      url,
    );
    expect((await runInside('check', '--format', 'junit', url)).stdout).toContain(`file="${url}"`);
  });

  test('and settings of a configuration hold for the captures whose URL they describe', async () => {
    const server = await serveFixtures();
    const rules = { 'mnet/*': 'off' };
    for (const [pattern, code] of [
      ['**/faults.pcap', OK],
      [`${server.origin}/**`, OK],
      ['http://other/**', FINDINGS],
    ] as const) {
      const folder = folderWith({
        'wirelint.config.json': JSON.stringify({ overrides: [{ captures: [pattern], rules }] }),
      });
      expect((await runIn(folder, 'check', `${server.origin}/${FAULTS}?x=1`)).code, pattern).toBe(code);
    }
  });
});

describe('what is no URL', () => {
  test('is a file, if it is named so', async () => {
    const folder = folderWith({ 'http:/faults.pcap': readFixture(FAULTS), 'a://b.pcap': readFixture(FAULTS) });
    for (const path of ['./http://faults.pcap', 'a://b.pcap'])
      expect((await wirelint(['check', path], { folder })).code).toBe(FINDINGS);
    expect((await runInside('check', 'ftp://host/a.pcap')).stderr).toContain('ftp://host/a.pcap: no such file');
  });
});

describe('is refused', () => {
  test('--annotate, as a URL may have another file the second time', async () => {
    const { code, stderr } = await runInside('check', 'http://127.0.0.1:1/a.pcap', '--annotate', 'a.pcapng');
    expect([code, stderr]).toEqual([USAGE, expect.stringContaining('--annotate')]);
  });

  test('a URL in a program of others', async () => {
    await expect(check('http://127.0.0.1:1/a.pcap')).rejects.toThrow('download it first');
  });

  test.each([
    'Bearer t0ken',
    'https://host',
    'https://host t0ken\ntwo',
    'https://host/path t0ken',
    'https://ann@host t0ken',
    'ftp://host t0ken',
  ])('a token that does not say whom it is for, or is no header: %j', async token => {
    const server = await serveFixtures();
    const around = { environment: { WIRELINT_HTTP_AUTHORIZATION: token } };
    const look = (path: string) => runOnTerminalWith(new FakeTty(), around, 'dissect', path);
    const { code, stderr } = await look(`${server.origin}/${FAULTS}`);
    expect([code, stderr]).toEqual([CAPTURE, expect.stringContaining('WIRELINT_HTTP_AUTHORIZATION is not understood')]);
    expect(stderr).not.toContain('t0ken');
    expect(server.asked).toEqual([]);
    expect((await look(FAULTS)).code).toBe(OK);
  });

  test('a shard of which nobody can know what belongs to it', async () => {
    const { code, stderr } = await runInside('check', '--shard', '1/2', 'http://127.0.0.1:1/a.pcap');
    expect([code, stderr]).toEqual([CAPTURE, expect.stringContaining('which shard')]);
  });
});

describe('TLS', () => {
  async function serveTls(to?: string): Promise<string> {
    const server = createServer({ key: LOCAL.key, cert: LOCAL.cert }, (request, response) => {
      if (to === undefined) giveFile(request, response, readFixture(FAULTS));
      else response.writeHead(302, { location: to }).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}/a.pcap`;
  }

  test('with a CA of your own needs NODE_EXTRA_CA_CERTS', async () => {
    const url = await serveTls();
    const refused = await runInside('check', url);
    expect([refused.code, refused.stdout.includes('3 errors')]).toEqual([CAPTURE, false]);
    expect(refused.stderr).toContain('NODE_EXTRA_CA_CERTS');
    const environment = { NODE_EXTRA_CA_CERTS: join(folderWith({ ca: AUTHORITY.cert }), 'ca') };
    const trusted = await wirelint(['check', url], { environment });
    expect(trusted).toEqual(await runAsBuilt('check', FAULTS));
  });

  test('is not left by a redirect', async () => {
    const plain = await serveFixtures();
    const url = await serveTls(`${plain.origin}/${FAULTS}?X-Signature=s1gned`);
    const environment = { NODE_EXTRA_CA_CERTS: join(folderWith({ ca: AUTHORITY.cert }), 'ca') };
    const { code, stderr } = await wirelint(['check', url], { environment });
    expect([code, plain.asked.length]).toEqual([CAPTURE, 0]);
    expect(stderr).toContain(`${plain.origin}/${FAULTS}`);
    expect(stderr).not.toContain('s1gned');
  });
});

describe('Ctrl-C', () => {
  function checking(...args: readonly string[]) {
    const child = start(['check', ...args]);
    onTestFinished(() => void child.kill('SIGKILL'));
    const printed = { stdout: '', stderr: '' };
    child.stdout.on('data', text => {
      printed.stdout += text;
    });
    child.stderr.on('data', text => {
      printed.stderr += text;
    });
    return { child, printed, code: once(child, 'close').then(([code, signal]) => code ?? signal) };
  }

  test.each([
    ['an answer', () => {}],
    [
      'the rest of a file',
      response => {
        response.writeHead(200, { 'content-length': 10_000 }).write(readFixture(FAULTS).subarray(0, 500));
      },
    ],
  ] as readonly (readonly [string, (response: import('node:http').ServerResponse) => void])[])(
    'ends the wait for %s, in one thread and in two',
    async (_, answer) => {
      const server = await serve((_request, response) => answer(response));
      const url = `${server.origin}/a.pcap`;
      for (const jobs of ['1', '2']) {
        const before = server.asked.length;
        const { child, printed, code } = checking('--jobs', jobs, url, `${url}2`);
        await until('the server to be asked', () => server.asked.length > before, 20_000);
        child.kill('SIGINT');
        expect(await code).toBe(CAPTURE);
        expect(printed.stderr).toContain('interrupted');
      }
    },
  );

  test('is the orderly end of what has no length, whose findings show as they come', async () => {
    const server = await serve((_, response) => response.write(readFixture(FAULTS)));
    const { child, printed, code } = checking('--capture', 'complete', `${server.origin}/live.pcap`);
    await until('the finding', () => printed.stdout.includes(' mnet/retransmit-differs frame 7 '), 20_000);
    child.kill('SIGINT');
    expect(await code).toBe(FINDINGS);
    expect(printed).toMatchObject({ stdout: expect.stringContaining('3 errors'), stderr: '' });
  });
});
