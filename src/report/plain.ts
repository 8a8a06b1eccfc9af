/** The formats that are older than the list of them: text, JSON and a line of JSON, as renderers among the others. */
import type { Renderer } from './format.ts';
import { jsonPieces } from './json.ts';
import { LiveJson } from './live-json.ts';
import { textPieces } from './text.ts';

export const text: Renderer = {
  render: ({ report, page, quiet, coverage, threshold }) => textPieces(report, { ...page, quiet, coverage, threshold }),
};

export const json: Renderer = { render: ({ report, tool }) => jsonPieces(report, tool) };

/** What happened stands before it, printed while it happened. */
export const ndjson: Renderer = { render: ({ report, tool }) => new LiveJson().report(report, tool) };
