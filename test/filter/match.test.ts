import { describe, expect, test } from 'vitest';
import { finding, letter, matches, matchesFinding, parcel } from './post.ts';

/** Those of the filters that the message matches. */
const holding = (message: ReturnType<typeof letter>, filters: readonly string[]) =>
  filters.filter(filter => matches(filter, message));

describe('general fields of a message', () => {
  test.each([
    ['frame == 7', 'frame != 7'],
    ['time == 1.5', 'time == 1.4'],
    ['time <= 1.5s', 'time < 1.5s'],
    ['protocol == post', 'protocol == toy'],
    ['post', 'toy'],
    ['connection in {1, 3}', 'connection in {1, 2}'],
    ['type == LETTER', 'type == "PARCEL (big)"'],
    ['type ~ L*', 'type ~ P*'],
    ['type contains ETT', 'type contains PAR'],
    ['type in {LETTER, "x"}', 'type in {"x"}'],
    ['length == 17', 'length > 17'],
    ['src == 10.0.0.1', 'src == 10.0.0.2'],
    ['dst == 10.0.0.2:9000', 'dst == 10.0.0.2:900'],
    ['addr == 10.0.0.2', 'addr == 10.0.0.20'],
    ['addr == 10.0.0.0/30', 'addr == 10.0.1.0/30'],
    ['addr in {10.0.0.9, 10.0.0.1}', 'addr in {10.0.0.9}'],
    ['addr ~ "10.*:9000"', 'addr ~ "10.*:9001"'],
    ['port == 9000', 'port == 9001'],
    ['srcport == 40000', 'srcport == 9000'],
    ['dstport == 9000', 'dstport == 40000'],
    ['client == 10.0.0.1', 'client == 10.0.0.2'],
    ['server == 10.0.0.2', 'server == 10.0.0.1'],
    ['direction == client', 'direction == server'],
    ['state == TALKING', 'state == OVER'],
    ['text contains Oslo', 'text contains oslo'],
    ['text ~ "*Oslox{}"', 'text ~ "Oslo"'],
    ['bytes contains 4f:73', 'bytes contains 4f:74'],
    ['bytes contains 0x4f73', 'bytes contains 0x4f74'],
    ['bytes contains 4f', 'bytes contains 50'],
    ['bytes contains "Oslo"', 'bytes contains "oslo"'],
  ])('%s, and not %s', (yes, no) => {
    expect(holding(letter(), [yes, no])).toEqual([yes]);
  });

  test('from the server they are the other way round', () => {
    const back = letter('{}', { from: '10.0.0.2:9000', to: '10.0.0.1:40000', clientToServer: false });
    expect(matches('client == 10.0.0.1 && server == 10.0.0.2 && src == 10.0.0.2 && direction == server', back)).toBe(
      true,
    );
  });

  test('of an answer, the frame of its request and the time since', () => {
    const answer = letter('{}', { answers: { ordinal: 4, frame: 5, seconds: 1001, nanoseconds: 250_000_000 } });
    const filters = ['answers', 'answers == 5', 'answers == 7', 'delay == 0.25s', 'delay > 0.25', 'delay < 1'];
    expect(holding(answer, filters)).toEqual(['answers', 'answers == 5', 'delay == 0.25s', 'delay < 1']);
    expect(holding(letter(), filters)).toEqual([]);
  });

  test('a comment is there where there is one', () => {
    const message = letter();
    message.message.comment = 'resent by hand';
    expect([matches('comment'), matches('comment', message), matches('comment contains hand', message)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  test('times before the first frame are negative, and nanoseconds count', () => {
    const message = letter();
    Object.assign(message.message, { seconds: 999, nanoseconds: 999_999_999 });
    expect(holding(message, ['time == -0.000000001', 'time < 0', 'time > -1e-9', 'time in {-1..0}'])).toEqual([
      'time == -0.000000001',
      'time < 0',
      'time in {-1..0}',
    ]);
  });

  test('text is looked for as UTF-8, among bytes that are none', () => {
    expect(matches('text contains "né"', parcel('ff 6e c3a9 fe'))).toBe(true);
    expect(matches('text contains "n\\u00ea"', parcel('ff 6e c3a9 fe'))).toBe(false);
  });

  test('endpoints of IPv6 and of sockets with paths', () => {
    const message = letter('{}', { from: '[2001:db8::1]:7654', to: 'unix:/run/ipc/x' });
    const yes = [
      'src == 2001:db8::1',
      'src == [2001:db8:0:0::1]',
      'src == [2001:DB8::1]:7654',
      'src == 2001:db8::/32',
      'srcport == 7654',
      'dst == unix:/run/ipc/x',
      'dst == "unix:/run/ipc/x"',
      'dst ~ "unix:*"',
    ];
    const no = [
      'src == 2001:db8::10',
      'src == 10.0.0.0/8',
      'dst == 0.0.0.0/0',
      'dstport',
      'addr == ::/0 && dstport >= 0',
    ];
    expect(holding(message, [...yes, ...no])).toEqual(yes);
  });
});

describe('fields of a layout', () => {
  test.each([
    ['post.weight == 1000', 'post.weight == 1001'],
    ['post.weight >= 999.5', 'post.weight >= 1000.5'],
    ['post.weight < 18446744073709551616', 'post.weight > 18446744073709551616'],
    ['post.weight in {1..10, 0x3e8}', 'post.weight in {1..999, 1001..5000}'],
    ['post.weight ge 1000 and not post.weight gt 1000', 'post.weight lt 1000'],
    ['post.type == LETTER', 'post.type == PARCEL'],
    ['post.type != PARCEL', 'post.type != LETTER'],
    ['post.type in {7, LETTER}', 'post.type in {7, PARCEL}'],
    ['post.type == 1', 'post.type == 2'],
    ['post.tag == 0x0a0b0c', 'post.tag == 0x0a0b0d'],
    ['post.tag == 0a:0b:0c', 'post.tag == 0a:0b:0d'],
    ['post.tag in {0a:0b:0c}', 'post.tag in {0xffffff}'],
    ['post.sent == 1700000000', 'post.sent > 1700000000'],
    ['post.place == Oslo', 'post.place == Osl'],
    ['post.place ~ "?s*"', 'post.place ~ "?s"'],
    ['post.mark', 'post.box'],
  ])('%s, and not %s', (yes, no) => {
    expect(holding(letter(), [yes, no])).toEqual([yes]);
  });

  test('bytes', () => {
    expect(holding(parcel('0d0a00'), ['post.box == 0d:0a:00', 'post.box contains 0a', 'post.box == 0d:0a'])).toEqual([
      'post.box == 0d:0a:00',
      'post.box contains 0a',
    ]);
  });

  test('of another protocol, of no layout, or cut off by the capture, have no value', () => {
    const cut = letter();
    cut.message.captured = 12;
    const own = ['post.weight == 1000', 'post.place', 'post.content'];
    expect(holding(letter('{}', { protocol: 'toy' }), own)).toEqual([]);
    expect(holding(letter('{}', { layout: undefined }), own)).toEqual([]);
    expect(holding(cut, own)).toEqual(['post.weight == 1000']);
  });
});

describe('JSON', () => {
  const message = letter(
    '{"uid":18446744073709551615,"rate":0.10,"ok":true,"none":null,"odd name":"q","token":{"uid":1002},' +
      '"files":[{"name":"a.txt","size":5},{"name":"b.bin","size":2500}],"twice":1,"twice":2,"nested":[[1],[2,3]]}',
  );

  test.each([
    ['post.content.uid == 18446744073709551615', 'post.content.uid == 18446744073709551614'],
    ['post.content.uid > 18446744073709551614', 'post.content.uid > 18446744073709551615'],
    ['post.content.uid < 1e20', 'post.content.uid < 1e19'],
    ['post.content.rate == 0.1', 'post.content.rate == 0.1000000000000000055511151231257827'],
    ['post.content.rate in {0..1}', 'post.content.rate in {1..2}'],
    ['post.content.ok == true', 'post.content.ok == "true"'],
    ['post.content.none == null', 'post.content.none == "null"'],
    ['post.content.none', 'post.content.nothing'],
    ['post.content["odd name"] == q', 'post.content["odd name"] == p'],
    ['post.content.token.uid == 1002', 'post.content.token.uid == "1002"'],
    ['post.content.token', 'post.content.token == ""'],
    ['post.content.files[0].name == a.txt', 'post.content.files[1].name == a.txt'],
    ['post.content.files[*].size > 1000', 'post.content.files[*].size > 2500'],
    ['post.content.files[*].name ~ "*.bin"', 'post.content.files[*].name ~ "*.doc"'],
    ['post.content.files[*].name contains .tx', 'post.content.files[*].name contains 5'],
    ['post.content.files[1]', 'post.content.files[2]'],
    ['post.content.twice == 1 && post.content.twice == 2', 'post.content.twice == 3'],
    ['post.content.nested[*][*] == 3', 'post.content.nested[*] == 3'],
    ['post.content.token.uid != 1003', 'post.content.token.uid != 1002'],
    ['post.content.files[*].size != 6', 'post.content.files[*].size != 5'],
    ['post.content contains "odd name"', 'post.content contains "even"'],
    ['post.content ~ "{*}"', 'post.content ~ "[*]"'],
    ['post.content', 'post.content.files.name'],
  ])('%s, and not %s', (yes, no) => {
    expect(holding(message, [yes, no])).toEqual([yes]);
  });

  test('that is a scalar', () => {
    expect(holding(letter('5'), ['post.content == 5', 'post.content[0]', 'post.content.a'])).toEqual([
      'post.content == 5',
    ]);
  });

  test('that is none has no value, but text', () => {
    expect(holding(letter('{"a":'), ['post.content', 'post.content.a', 'post.content contains "a"'])).toEqual([
      'post.content contains "a"',
    ]);
  });
});

describe('findings of a message', () => {
  const second = { ...finding, ruleId: 'toy/length', severity: 'error', atFault: null } as const;
  const message = letter('{}', { findings: [finding, second] });

  test.each([
    ['finding', '!finding'],
    ['rule == toy/length', 'rule == toy/after-bye'],
    ['rule ~ "toy/c*"', 'rule ~ toy/a*'],
    ['severity >= warning', 'severity < warning'],
    ['severity == error', 'severity == info'],
    ['severity in {info..warning}', 'severity in {info}'],
    ['fault == 10.0.0.1', 'fault == 10.0.0.2'],
    ['rule != toy/after-bye', 'rule != toy/count'],
  ])('%s, and not %s', (yes, no) => {
    expect(holding(message, [yes, no])).toEqual([yes]);
  });

  test('where there are none nothing compares, and ! makes the difference', () => {
    expect(
      holding(letter(), ['rule', 'severity < error', 'rule != toy/count', '!(rule == toy/count)', 'fault']),
    ).toEqual(['!(rule == toy/count)']);
  });
});

describe('several values', () => {
  test('any of them does for ==, and != wants them all to differ', () => {
    const filters = [
      'addr == 10.0.0.1',
      'addr != 10.0.0.1',
      'addr != 10.0.0.3',
      'port != 9000',
      '!(port == 9000)',
      'port > 9000',
    ];
    expect(holding(letter(), filters)).toEqual(['addr == 10.0.0.1', 'addr != 10.0.0.3', 'port > 9000']);
  });

  test('a range wants one of them within, two comparisons may hold for two of them', () => {
    expect(matches('port in {9001..39999}')).toBe(false);
    expect(matches('port > 9000 && port < 40000')).toBe(true);
  });
});

describe('chains', () => {
  test.each([
    ['frame && finding', false],
    ['frame || finding', true],
    ['finding || finding || frame', true],
    ['finding && finding || frame', true],
    ['finding && (finding || frame)', false],
    ['!finding && !(frame == 8)', true],
    ['not frame == 8 and not finding', true],
  ])('%s is %s', (filter, outcome) => {
    expect(matches(filter)).toBe(outcome);
  });
});

describe('a finding by itself', () => {
  test.each([
    ['frame == 7', 'frame == 8'],
    ['time == 1.5', 'time > 1.5'],
    ['post', 'toy'],
    ['connection == 3', 'connection == 4'],
    ['type == LETTER', 'type == "PARCEL (big)"'],
    ['state == TALKING', 'state == OVER'],
    ['finding', '!finding'],
    ['rule == toy/count', 'rule == toy/length'],
    ['severity == warning', 'severity == error'],
    ['fault == 10.0.0.1:40000', 'fault == 10.0.0.2'],
    ['src == 10.0.0.1 && dst == 10.0.0.2', 'src == 10.0.0.2'],
    ['addr == 10.0.0.2', 'addr == 10.0.0.3'],
    ['port == 9000 && srcport == 40000 && dstport == 9000', 'port == 1'],
  ])('%s, and not %s', (yes, no) => {
    expect([yes, no].filter(filter => matchesFinding(filter))).toEqual([yes]);
  });

  test("that is nobody's fault", () => {
    expect(matchesFinding('fault', { atFault: null })).toBe(false);
  });
});
