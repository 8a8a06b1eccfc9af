/**
 * Messages for programs: one object each, described by schema/message.schema.json, as `dissect --format json` prints
 * them and the terminal UI exports them. Text comes a message at a time, so that no listing need fit into memory.
 */
import type { EarlierMessage, SeenMessage } from '../protocol/protocol.ts';
import { visibleJson } from '../wire/escape.ts';
import { type FieldNode, fieldTree } from '../wire/tree.ts';
import { findingObject, SCHEMA_VERSION } from './json.ts';
import { isoTime, ownDigits } from './time.ts';

export interface MessageJsonOptions {
  /** `ndjson`: an object a line; `json`: all of them as one array. */
  readonly format: 'json' | 'ndjson';
  /** The message's bytes too. */
  readonly hex: boolean;
}

export class MessageJson {
  readonly #options: MessageJsonOptions;
  #isEmpty = true;

  constructor(options: MessageJsonOptions) {
    this.#options = options;
  }

  /** The text of a message, to be put behind what was returned before. */
  message(seen: SeenMessage): string {
    const { format, hex } = this.#options;
    const json = visibleJson(JSON.stringify(messageObject(seen, hex)));
    if (format === 'ndjson') return `${json}\n`;
    const text = `${this.#isEmpty ? '[' : ','}\n${json}`;
    this.#isEmpty = false;
    return text;
  }

  /** What stands behind the last message. */
  end(): string {
    if (this.#options.format === 'ndjson') return '';
    return this.#isEmpty ? '[]\n' : '\n]\n';
  }
}

/** Properties are written out one by one, in the schema's order, as in the report. */
function messageObject(seen: SeenMessage, hex: boolean): object {
  const { message, answers, answeredBy = [] } = seen;
  return {
    schemaVersion: SCHEMA_VERSION,
    ordinal: message.ordinal,
    frame: message.frame,
    time: isoTime(message, ownDigits(message)),
    protocol: seen.protocol,
    connection: seen.connection,
    from: seen.from,
    to: seen.to,
    clientToServer: seen.clientToServer,
    name: seen.name,
    length: message.length,
    captured: message.captured,
    ...(message.skipped && { skipped: true }),
    ...(message.comment && { comment: message.comment }),
    state: seen.state,
    ...(answers && { [answers.isContinued ? 'continues' : 'answers']: placeObject(answers) }),
    ...placesObject(
      'answeredBy',
      answeredBy.filter(({ isContinued }) => !isContinued),
    ),
    ...placesObject(
      'continuedBy',
      answeredBy.filter(({ isContinued }) => isContinued),
    ),
    fields: fieldsObject(seen),
    findings: seen.findings.map(finding => ({
      ...findingObject(finding, ownDigits(finding.time)),
      ...(seen.held?.has(finding) && { held: true }),
    })),
    ...(hex && { hex: Buffer.from(message.copy()).toString('hex') }),
  };
}

/** The fields of a message by name, as `dissect --format json` prints them. */
export function fieldsObject({ message, layout }: Pick<SeenMessage, 'message' | 'layout'>): object {
  return layout ? Object.fromEntries(fieldTree(message, layout).map(node => [node.name, fieldObject(node)])) : {};
}

function placesObject(name: string, places: readonly EarlierMessage[]): object {
  return places.length === 0 ? {} : { [name]: places.map(placeObject) };
}

function placeObject({ frame, ordinal }: EarlierMessage): object {
  return { frame, ordinal };
}

function fieldObject({ offset, length, value, display, cut, json, children }: FieldNode): object {
  const members = children?.map(child => ({ name: child.name, ...fieldObject(child) }));
  return { offset, length, value, display, cut, ...(json && { kind: json }), ...(members && { members }) };
}
