import { useCallback } from 'react';
import { asFailure } from '../api/problem';
import { newKey } from '../send/attempt';

/** The keys of orders that have no definite answer yet, by what they are; kept while the page is open, wherever it leads. */
const begun = new Map<string, string>();

/**
 * Sends orders of a kind under keys. Until a definite answer came the same order keeps its key, so that it is carried out at
 * most once; one that was answered, and one that was refused, gets a new one. `kind` says what the order alone does not.
 */
export function useOnce(kind: string) {
  return useCallback(
    async <T>(order: unknown, run: (key: string) => Promise<T>): Promise<T> => {
      const of = `${kind} ${JSON.stringify(order)}`;
      const key = begun.get(of) ?? newKey();
      begun.set(of, key);
      try {
        const done = await run(key);
        begun.delete(of);
        return done;
      } catch (error) {
        if (asFailure(error).definite) begun.delete(of);
        throw error;
      }
    },
    [kind],
  );
}
