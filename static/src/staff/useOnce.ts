import { useCallback, useRef } from 'react';
import { asFailure } from '../api/problem';
import { newKey } from '../send/attempt';

const NOTHING = { of: '', key: '' };

/**
 * Sends orders under keys. Until a definite answer came the same order keeps its key, so that it is carried out at most once;
 * another order, and one that was refused, gets a new one.
 */
export function useOnce() {
  const begun = useRef(NOTHING);
  return useCallback(async <T>(order: unknown, run: (key: string) => Promise<T>): Promise<T> => {
    const of = JSON.stringify(order);
    if (begun.current.of !== of) begun.current = { of, key: newKey() };
    try {
      const done = await run(begun.current.key);
      begun.current = NOTHING;
      return done;
    } catch (error) {
      if (asFailure(error).definite) begun.current = NOTHING;
      throw error;
    }
  }, []);
}
