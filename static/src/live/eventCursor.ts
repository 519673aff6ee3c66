/** How far a tab has seen what happens: each event once, also when its stream is another one than before. */
export class EventCursor {
  #last: number | null = null;

  /** The last position that was seen; `null` before the first stream has begun. */
  get last(): number | null {
    return this.#last;
  }

  /** Takes an event; `false` when it was seen already. */
  accept(position: number): boolean {
    if (this.#last !== null && position <= this.#last) return false;
    this.#last = position;
    return true;
  }

  /**
   * A stream has begun on a journal that ends at a position. `true` when more than that was seen: the bank was restored from a
   * backup. What comes is counted from there, although its positions were seen before: they are those of other records.
   */
  start(end: number): boolean {
    const isRestored = this.#last !== null && end < this.#last;
    if (this.#last === null || isRestored) this.#last = end;
    return isRestored;
  }
}
