import { useEffect, useRef } from 'react';

/** A value while it is there, else what it was before: so that nothing jumps while something is fetched anew. */
export function useLastDefined<T>(value: T | undefined): T | undefined {
  const last = useRef(value);
  useEffect(() => {
    if (value !== undefined) last.current = value;
  }, [value]);
  return value ?? last.current;
}
