/**
 * A window onto rows: which one is selected, which is the first visible one, how many fit. After any call, the selected
 * row exists (if there is any) and is visible, and no room is left empty while there are rows above.
 */

/** Rows beyond the edge that one scrolls to and does not jump to. */
const NEAR = 2;

export class ScrollWindow {
  #top = 0;
  #selected = 0;
  #count = 0;
  #height = 1;

  get top(): number {
    return this.#top;
  }

  /** 0 when there are no rows. */
  get selected(): number {
    return this.#selected;
  }

  get count(): number {
    return this.#count;
  }

  /** Rows that fit, at least 1. */
  get height(): number {
    return this.#height;
  }

  fit(count: number, height: number): void {
    this.#count = Math.max(0, count);
    this.#height = Math.max(1, height);
    this.select(this.#selected);
  }

  select(row: number): void {
    this.#selected = Math.max(0, Math.min(row, this.#count - 1));
    if (this.#selected < this.#top) this.#top = this.#selected;
    if (this.#selected >= this.#top + this.#height) this.#top = this.#selected - this.#height + 1;
    this.#clampTop();
  }

  move(rows: number): void {
    this.select(this.#selected + rows);
  }

  /** Moves what is seen, and the selection only as far as it must to stay in sight. */
  scroll(rows: number): void {
    this.#top += rows;
    this.#clampTop();
    this.#selected = Math.max(this.#top, Math.min(this.#selected, this.#top + this.#height - 1));
    this.#selected = Math.max(0, Math.min(this.#selected, this.#count - 1));
  }

  /** Shows this row first, as far as there are rows below to fill the room; the selection is left to who calls it. */
  begin(row: number): void {
    this.#top = row;
    this.#clampTop();
  }

  /** Selects a row, in the middle of what is seen unless it is seen already, or would be next. */
  show(row: number): void {
    const isNear = row >= this.#top - NEAR && row < this.#top + this.#height + NEAR;
    if (!isNear) this.#top = row - (this.#height >> 1);
    this.select(row);
  }

  #clampTop(): void {
    this.#top = Math.max(0, Math.min(this.#top, this.#count - this.#height));
  }
}
