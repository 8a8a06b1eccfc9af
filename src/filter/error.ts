/** What is wrong with a filter, and where: the only thing that reading a filter ever throws. One line, for its author. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
  /** Counts from 1, in UTF-16 units of the filter's text. */
  readonly column: number;
  /** The message without the column, for who knows of a place around the filter. */
  readonly reason: string;

  /** @param reason what is wrong, then what was expected, without a capital and a full stop */
  constructor(column: number, reason: string) {
    super(`column ${column}: ${reason}`);
    this.column = column;
    this.reason = reason;
  }
}
