/** Tells a double click from two: terminals send each press by itself. */

/** Milliseconds between the presses of one. */
const DOUBLE_CLICK = 400;

interface Cell {
  readonly x: number;
  readonly y: number;
}

export class Clicks {
  #last: Cell = { x: -1, y: -1 };
  #at = Number.NEGATIVE_INFINITY;

  /** Takes a press. A third one begins again. @param now in milliseconds */
  isDouble({ x, y }: Cell, now: number): boolean {
    const isDouble = this.#last.x === x && this.#last.y === y && now - this.#at < DOUBLE_CLICK;
    this.#last = { x, y };
    this.#at = isDouble ? Number.NEGATIVE_INFINITY : now;
    return isDouble;
  }
}
