/** The position up to which a tab has seen events. Each event is accepted once, also after a reconnection. */
export class EventCursor {
  #last: number | null = null;

  /** The last position seen, or `null` before the first stream starts. */
  get last(): number | null {
    return this.#last;
  }

  /** Returns whether an event is new, and remembers its position. */
  accept(position: number): boolean {
    if (this.#last !== null && position <= this.#last) return false;
    this.#last = position;
    return true;
  }

  /**
   * Starts a stream on a journal that ends at `end`. Returns whether the bank was restored from a backup, which is the
   * case when more than that was seen. The positions after `end` then belong to other records and are accepted again.
   */
  start(end: number): boolean {
    const isRestored = this.#last !== null && end < this.#last;
    if (this.#last === null || isRestored) this.#last = end;
    return isRestored;
  }
}
