import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { answer } from '../../src/cli/completion.ts';
import { numbered } from '../kit/numbered.ts';
import { toy } from '../kit/toy.ts';
import { runInside, runWith } from './host.ts';

const rules = protocols.flatMap(protocol => protocol.rules);

describe('rules', () => {
  test('lists every rule with its severity', async () => {
    const { code, stdout } = await runInside('rules');
    expect(code).toBe(0);
    for (const { id, severity } of rules) expect(stdout).toMatch(new RegExp(`^ {2}${severity} +${id}$`, 'm'));
  });

  test.each(rules.map(rule => rule.id))('explains %s', async id => {
    const { code, stdout } = await runInside('rules', id);
    expect(code).toBe(0);
    for (const part of [
      'severity',
      'at fault',
      'rests on',
      'clause',
      'Why it matters',
      'Example',
      `--rule ${id}=off`,
    ]) {
      expect(stdout).toContain(part);
    }
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('explains what the specification says, where the rule does', async () => {
    const { stdout } = await runInside('rules', 'mnet/data-after-shutdown');
    expect(stdout).toMatch(/^ {2}clause {5}MNET .*: SHUTDOWN\n {2}says {7}A host that has sent SHUTDOWN /m);
    const json = await runInside('rules', 'mnet/data-after-shutdown', '--format', 'json');
    expect(JSON.parse(json.stdout).spec.says).toMatch(/^A host that has sent SHUTDOWN .*\.$/);
    expect((await runInside('rules', 'mnet/retransmit-differs')).stdout).not.toContain('says  ');
  });

  test('says how a rule can be broken on purpose, where somebody has said so', async () => {
    const { stdout } = await runInside('rules', 'mqtt/packet-id-in-use');
    expect(stdout).toContain('\n  wirelint proxy LISTEN UPSTREAM --attack mqtt/packet-id-in-use\n');
    expect(stdout).not.toContain('  needs ');
    expect((await runInside('rules', 'mqtt/session-lost')).stdout).toContain('\n  needs a session that is taken up\n');
    const json = await runInside('rules', 'mqtt/session-lost', '--format', 'json');
    expect(JSON.parse(json.stdout).provocation).toEqual({
      faults: ['set mqtt.sessionPresent = 0 if type == CONNACK && mqtt.sessionPresent == 1 nth=1'],
      needs: 'a session that is taken up',
    });
    const none = await runInside('rules', 'mqtt/malformed-accepted');
    expect(none.stdout).not.toContain('--attack');
    expect((await runInside('rules', 'mqtt/malformed-accepted', '--format', 'json')).stdout).not.toContain(
      'provocation',
    );
  });

  test('of one protocol: says which of its rules nobody can break on purpose', async () => {
    const words = async (id: string) => (await runInside('rules', id)).stdout.replace(/\s+/g, ' ');
    expect(await words('ministreaming')).toContain(' All can be broken on purpose: wirelint proxy --attack ID.');
    expect(await words('mnet')).toMatch(
      / All but these can be broken on purpose, .* --attack ID: .*mnet\/echo-address/,
    );
    expect(await words('mnet')).not.toMatch(/--attack ID: .*mnet\/tag-mismatch/);
  });

  test('of one protocol', async () => {
    const { stdout } = await runInside('rules', 'mnet', '--format', 'json');
    const ids = JSON.parse(stdout).map((rule: { id: string }) => rule.id);
    expect(ids).toEqual(rules.map(rule => rule.id).filter(id => id.startsWith('mnet/')));
  });

  test('says which are off by default', async () => {
    const quiet = rules.filter(({ offByDefault }) => offByDefault);
    expect(quiet.map(({ id }) => id)).toContain('ministreaming/left-open');
    for (const { id, severity } of quiet) {
      expect((await runInside('rules', id)).stdout).toContain(`${severity}, off by default`);
      expect(JSON.parse((await runInside('rules', id, '--format', 'json')).stdout)).toMatchObject({
        offByDefault: true,
      });
    }
    expect((await runInside('rules')).stdout).toMatch(/\(off\s+by\s+default\)/);
    expect((await runInside('rules', 'mnet/bad-magic', '--format', 'json')).stdout).not.toContain('offByDefault');
  });

  test('says which hang on the dialect, and how', async () => {
    const severityIf = { option: 'sees', value: ['one', 'both'], severity: 'info' } as const;
    const toy = { ...numbered, rules: numbered.rules.map(rule => ({ ...rule, severityIf })) };
    const { stdout } = await runWith([toy], 'rules', 'toy/after-bye');
    expect(stdout).toMatch(
      /^ {2}severity {3}error\n +info with toy.sees=one or toy.sees=both\n {2}in force {3}only with toy.sees=both$/m,
    );
    expect((await runWith([toy], 'rules')).stdout).toContain('something is said after BYE (only with toy.sees=both)');
    const { stdout: json } = await runWith([toy], 'rules', 'toy/after-bye', '--format', 'json');
    expect(JSON.parse(json)).toMatchObject({ onlyIf: { option: 'sees', value: 'both' }, severityIf });
  });

  test('one as JSON', async () => {
    const { stdout } = await runInside('rules', 'mnet/bad-magic', '--format', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ id: 'mnet/bad-magic', protocol: 'mnet', severity: 'error' });
  });
});

describe('protocols', () => {
  test('prints carriers, recognition, messages and every dialect option with its values', async () => {
    const { code, stdout } = await runInside('protocols');
    expect(code).toBe(0);
    for (const { id, carriers, dialect, layouts } of protocols) {
      for (const { transport } of carriers) expect(stdout).toContain(`-d ${transport}.port==PORT,${id}`);
      for (const { name } of layouts) expect(stdout).toContain(name);
      for (const { name, values } of dialect) {
        expect(stdout).toContain(`--dialect ${id}.${name}=`);
        for (const value of values ?? []) expect(stdout).toContain(value);
      }
    }
  });

  test('of one protocol, with the rules of its framing counted', async () => {
    const { code, stdout } = await runInside('protocols', 'libipc');
    expect([code, stdout.includes('filestorage:')]).toEqual([0, false]);
    expect(stdout).toMatch(/rules +4 /);
  });

  test('as Markdown is what stands in a README', async () => {
    const { code, stdout } = await runInside('protocols', 'mnet', '--format', 'markdown');
    expect([code, stdout]).toEqual([0, expect.stringContaining('```mermaid')]);
    for (const { id } of rules.filter(rule => rule.id.startsWith('mnet/'))) expect(stdout).toContain(`| \`${id}\` |`);
  });

  test('that does not exist is reported with what was probably meant', async () => {
    const { code, stderr } = await runInside('protocols', 'mnett');
    expect([code, stderr]).toEqual([2, 'wirelint: protocols: unknown protocol mnett; did you mean mnet?\n']);
  });

  test('as JSON has every field of every message', async () => {
    const all = JSON.parse((await runInside('protocols', '--format', 'json')).stdout);
    const mnet = all.find(({ id }: { id: string }) => id === 'mnet');
    const init = mnet.messages.find((message: { name: string }) => message.name === 'INIT');
    expect(init.fields.map((field: { name: string }) => field.name)).toEqual(['type', 'magic', 'version', 'tag']);
    expect(mnet.dialect[0]).toMatchObject({ name: 'mnet.byteOrder', kind: 'choice', default: 'auto' });
  });
});

describe('help', () => {
  test.each(['check', 'dissect', 'rules', 'protocols'])('of %s has examples', async command => {
    const { code, stdout, stderr } = await runInside(command, '--help');
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^Examples:\n.*wirelint /m);
  });

  test('has the language of -Y in short, with the fields that there are', async () => {
    const [ofDissect, ofCheck] = [await runInside('dissect', '--help'), await runInside('check', '--help')];
    for (const word of ['-Y, --filter', 'contains', 'severity']) {
      expect(ofDissect.stdout).toContain(word);
      expect(ofCheck.stdout).toContain(word);
    }
    expect(ofDissect.stdout).toContain('PROTOCOL.FIELD');
    expect(ofCheck.stdout).not.toContain('PROTOCOL.FIELD');
  });

  test('names every command', async () => {
    const { stdout } = await runInside('--help');
    for (const command of ['check', 'dissect', 'rules', 'protocols', 'completion'])
      expect(stdout).toContain(`wirelint ${command}`);
  });

  test('--version', async () => {
    expect(await runInside('--version')).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' });
  });
});

describe('completion', () => {
  /** What may stand in the place of the last word. */
  const complete = async (...words: string[]) => {
    const { stdout } = await runInside('--complete', 'zsh', 'wirelint', ...words);
    const [kind, ...found] = stdout.trimEnd().split('\n');
    return kind === 'files' ? [kind] : found;
  };

  test('commands', async () => {
    const commands = [
      'check',
      'merge',
      'worker',
      'dissect',
      'inspect',
      'proxy',
      'replay',
      'extract',
      'rules',
      'protocols',
      'config',
      'new',
      'completion',
      'help',
    ];
    expect(await complete('')).toEqual(commands);
    expect(await complete('help', '')).toEqual(expect.arrayContaining(commands));
    expect(await complete('help', 'check', '')).not.toContain('dissect');
  });

  test('options of the command', async () => {
    expect(await complete('check', '--f')).toEqual(expect.arrayContaining(['--format', '--fail-on']));
    expect(await complete('check', '--f')).not.toContain('--frame');
  });

  test('values of a choice', async () => {
    expect(await complete('dissect', '--format', '')).toEqual(['text', 'json', 'ndjson']);
    expect(await complete('dissect', '-f', '')).toEqual(['text', 'json', 'ndjson']);
    expect(await complete('check', '--fail-on=w')).toEqual(['--fail-on=warning']);
  });

  test('rule ids, alone and with a severity', async () => {
    expect(await complete('rules', 'mnet/')).toContain('mnet/tag-mismatch');
    expect(await complete('check', '--rule', 'mnet/')).toEqual(
      expect.arrayContaining(['mnet/tag-mismatch=off', 'mnet/*=off']),
    );
  });

  test('filters, at their end and within the quote that the shell hands over', async () => {
    expect(await complete('check', '-Y', 'se')).toEqual(['server', 'severity']);
    expect(await complete('dissect', '--filter', "'mnet.sequence > 5 && mnet.ta")).toEqual([
      'mnet.sequence > 5 && mnet.tag',
    ]);
    expect(await complete('dissect', '-Y', 'type==COOKIE-')).toEqual(['type==COOKIE-ECHO', 'type==COOKIE-ACK']);
  });

  test('dialect options with their values', async () => {
    expect(await complete('check', '--dialect', '')).toEqual(
      expect.arrayContaining(['mnet.tags=sender', 'mnet.cookieKey=']),
    );
  });

  test('what a proxy does on purpose', async () => {
    expect(await complete('proxy', '--enforce', '')).toEqual(['drop', 'close', 'abort']);
    expect(await complete('proxy', '--break-on', 'type==COOKIE-')).toEqual(['type==COOKIE-ECHO', 'type==COOKIE-ACK']);
  });

  test('rules that can be broken on purpose', () => {
    const provocations = ['toy/count', 'toy/count'].map(rule => ({ rule, faults: ['drop if type == TEXT nth=1'] }));
    const all = [...protocols, { ...toy, provocations }];
    const commands = { proxy: { attack: {} } };
    const found = answer(['zsh', 'wirelint', 'proxy', '--attack', ''], { protocols: all, commands, topics: [] });
    const others = protocols.flatMap(({ provocations: own = [] }) => own.map(({ rule }) => rule));
    expect(found.trimEnd().split('\n').slice(1)).toEqual([...new Set(others), 'toy/count']);
  });

  test('protocols for a port', async () => {
    expect(await complete('check', '-d', '')).toEqual(['tcp.port==', 'udp.port==']);
    expect(await complete('check', '-d', 'udp.port==1,')).toContain('udp.port==1,mnet');
    expect(await complete('check', '-d', 'udp.port==1-9,f')).toEqual(['files']);
  });
});
