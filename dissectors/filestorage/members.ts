/**
 * The members of each message in each edition, as data. The walk over a message (walk.ts) knows no message: it
 * follows these tables, and hands each value of the right type to the handler of its role.
 *
 * Nothing is required that real programs of the edition leave out: `downloads` came later than the first 2020-01 program.
 */
import type { Edition, Kind, Settings } from './terms.ts';

/**
 * - `integer`: a number whose value is an integer, however it is written; the range is a file size's own affair
 * - `bytes`: a string, or an array
 */
export type MemberType = 'string' | 'integer' | 'object' | 'array' | 'bytes' | 'any';

/** What a value means. */
export type Role =
  | 'message-id'
  | 'request-id'
  | 'answered-id'
  | 'token'
  | 'any-token'
  | 'file-name'
  | 'file-size'
  | 'file-chunks'
  | 'file-digest'
  | 'fid'
  | 'chunk-id'
  | 'chunk-file'
  | 'chunk-number'
  | 'chunk-of'
  | 'chunk-digest'
  | 'data'
  | 'response'
  | 'item-response'
  | 'reason'
  | 'none';

export interface MemberRow {
  /** The member's name, and what else it may be called; the first that is there counts. */
  readonly names: readonly string[];
  /** What programs are known to call it wrongly: in its place this is no unknown member, but the missing one misnamed. */
  readonly misnomers: readonly string[];
  readonly required: boolean;
  readonly type: MemberType;
  readonly role: Role;
  /** What an object has. */
  readonly members: MemberTable | undefined;
  /** What an array has. */
  readonly items: ItemRow | undefined;
}

export interface ItemRow {
  readonly type: 'string' | 'object';
  readonly members: MemberTable | undefined;
}

export interface MemberTable {
  readonly rows: readonly MemberRow[];
  /** The object announces a file. */
  readonly isFile: boolean;
}

interface RowOptions {
  readonly misnomers?: readonly string[];
  readonly role?: Role;
  readonly members?: MemberTable;
  readonly items?: ItemRow;
}

function row(name: string | readonly string[], type: MemberType, options: RowOptions = {}): MemberRow {
  return {
    names: typeof name === 'string' ? [name] : name,
    misnomers: options.misnomers ?? [],
    required: true,
    type,
    role: options.role ?? 'none',
    members: options.members,
    items: options.items,
  };
}

function optional(name: string, type: MemberType, options: RowOptions = {}): MemberRow {
  return { ...row(name, type, options), required: false };
}

function table(...rows: readonly MemberRow[]): MemberTable {
  return { rows, isFile: false };
}

const STRINGS: ItemRow = { type: 'string', members: undefined };

function objects(members: MemberTable): ItemRow {
  return { type: 'object', members };
}

type Tables = Partial<Readonly<Record<Kind, MemberTable>>>;

// 2019-12

const ID_NAMES: Readonly<Record<Settings['idField'], readonly string[]>> = {
  'message-id': ['message-id'],
  mid: ['mid'],
  either: ['message-id', 'mid'],
};

/** The other spelling, where one is settled. */
const ID_MISNOMERS: Readonly<Record<Settings['idField'], readonly string[]>> = {
  'message-id': ['mid'],
  mid: ['message-id'],
  either: [],
};

const FILE_2019: MemberTable = {
  rows: [row('name', 'string', { role: 'file-name' }), row('size', 'integer', { role: 'file-size' })],
  isFile: true,
};

function tables2019({ idField, token }: Settings): Tables {
  const misnomers = ID_MISNOMERS[idField];
  const requestId = row(ID_NAMES[idField], 'string', { role: 'message-id', misnomers });
  const answeredId = row(ID_NAMES[idField], 'string', { role: 'answered-id', misnomers });
  return {
    AUTHENTICATION: table(
      requestId,
      token === 'jwt' ? row('token', 'string', { role: 'token' }) : row('token', 'any', { role: 'any-token' }),
      row('files', 'array', { items: objects(FILE_2019) }),
      optional('fid', 'string', { role: 'fid' }),
      optional('tags', 'array', { items: STRINGS }),
    ),
    RESPONSE: table(
      answeredId,
      row('response', 'string', { role: 'response' }),
      // Required with "Error" alone, which is a rule of its own.
      optional('reason', 'string', { role: 'reason' }),
    ),
    TRANSFER: table(requestId, row('chunk', 'string', { role: 'chunk-id' }), row('data', 'bytes', { role: 'data' })),
  };
}

const EDITION_2019: Readonly<Record<Settings['token'], Readonly<Record<Settings['idField'], Tables>>>> = {
  jwt: byIdField('jwt'),
  any: byIdField('any'),
};

function byIdField(token: Settings['token']): Readonly<Record<Settings['idField'], Tables>> {
  return {
    'message-id': tables2019({ idField: 'message-id', token }),
    mid: tables2019({ idField: 'mid', token }),
    either: tables2019({ idField: 'either', token }),
  };
}

// 2020-01

const MID = row('mid', 'string', { role: 'message-id' });
const ANSWERED_MID = row('mid', 'string', { role: 'answered-id' });

const FILE_2020: MemberTable = {
  rows: [
    row('name', 'string', { role: 'file-name' }),
    row('size', 'integer', { role: 'file-size' }),
    row('nb_chunks', 'integer', { role: 'file-chunks' }),
    row('digest', 'string', { role: 'file-digest' }),
    optional('tags', 'array'),
  ],
  isFile: true,
};

const FILE_MEMBER = row('file', 'object', { members: FILE_2020 });
const UPLOAD = table(row('mid', 'string', { role: 'request-id' }), FILE_MEMBER);

const EDITION_2020: Tables = {
  ERROR: table(ANSWERED_MID, row('reason', 'string')),
  AUTHENTICATION: table(
    MID,
    row('token', 'object', { members: table(row('uid', 'integer'), row('login', 'string')) }),
    row(['uploads', 'requests'], 'array', { items: objects(UPLOAD) }),
    optional('downloads', 'array'),
  ),
  'UPLOAD-REQUEST': table(MID, FILE_MEMBER),
  'DOWNLOAD-REQUEST': table(MID, row('name', 'string', { role: 'file-name' })),
  RESPONSE: table(
    ANSWERED_MID,
    row('response', 'string', { role: 'response' }),
    optional('reason', 'string', { role: 'reason' }),
  ),
  RESPONSES: table(
    ANSWERED_MID,
    row('responses', 'array', {
      items: objects(table(row('mid', 'string'), row('response', 'string', { role: 'item-response' }))),
    }),
    row('response', 'string', { role: 'response' }),
  ),
  TRANSFER: table(
    MID,
    row('filedigest', 'string', { role: 'chunk-file' }),
    row('chunk', 'object', {
      members: table(
        row('n', 'integer', { role: 'chunk-number' }),
        row('on', 'integer', { role: 'chunk-of' }),
        row('digest', 'string', { role: 'chunk-digest' }),
      ),
    }),
    row('data', 'string', { role: 'data' }),
  ),
};

const NO_MEMBERS: MemberTable = table();

/** The members of a message; none where the edition does not have the message. */
export function membersOf(kind: Kind, edition: Edition, { idField, token }: Settings): MemberTable {
  const tables = edition === '2019-12' ? EDITION_2019[token][idField] : EDITION_2020;
  return tables[kind] ?? NO_MEMBERS;
}

/** All members of a message, by any of their names, as filters write them: `uploads[*].file.size`. */
export function memberNames(kind: Kind, edition: Edition): readonly string[] {
  return namesIn(membersOf(kind, edition, { idField: 'either', token: 'any' }), '');
}

function namesIn({ rows }: MemberTable, before: string): string[] {
  return rows.flatMap(({ names, members, items }) =>
    names.flatMap(name => [
      `${before}${name}`,
      ...(members ? namesIn(members, `${before}${name}.`) : []),
      ...(items?.members ? namesIn(items.members, `${before}${name}[*].`) : []),
    ]),
  );
}

export interface Words {
  readonly success: readonly string[];
  readonly failure: readonly string[];
}

/** What `response` may say. */
export const WORDS: Readonly<Record<Edition, Words>> = {
  '2019-12': { success: ['Ok'], failure: ['Error'] },
  '2020-01': { success: ['Ok', 'Upload OK', 'Download OK'], failure: ['Not Ok', 'Not OK'] },
};

/** Bytes of a file that one chunk may hold. */
export const MOST_CHUNK_BYTES: Readonly<Record<Edition, number>> = { '2019-12': 1024, '2020-01': 1000 };

/** Members of a first message that only the later edition has. */
export const MEMBERS_OF_2020: readonly string[] = ['uploads', 'downloads', 'requests'];
