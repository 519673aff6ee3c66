/**
 * Pages of lists that the API reads by cursor. The cursor of every page that was reached is kept for each query. A page
 * further on, for example after a reload, is reached by reading up to it.
 */
import type { List } from '../../api/types';

type Read<T> = (cursor: string | undefined) => Promise<List<T>>;

const MOST_LISTS = 20;

export class CursorPages {
  readonly #known = new Map<string, (string | undefined)[]>();

  async read<T>(asked: string, page: number, read: Read<T>): Promise<List<T>> {
    // The first page restarts the list: new rows have moved all others.
    if (page === 1) this.#known.delete(asked);
    const cursors = this.#known.get(asked) ?? [undefined];
    this.#known.set(asked, cursors);
    while (this.#known.size > MOST_LISTS) this.#known.delete(this.#known.keys().next().value ?? asked);
    for (;;) {
      const at = Math.min(page, cursors.length);
      const list = await read(cursors[at - 1]);
      if (list.has_more && list.next) cursors[at] = list.next;
      if (at === page) return list;
      if (!list.has_more) return { data: [], has_more: false, next: null };
    }
  }
}
