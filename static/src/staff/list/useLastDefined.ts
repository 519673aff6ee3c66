import { useEffect, useRef } from 'react';

/** Returns the value, or the last one that was defined, so that the page does not jump while it is refreshed. */
export function useLastDefined<T>(value: T | undefined): T | undefined {
  const last = useRef(value);
  useEffect(() => {
    if (value !== undefined) last.current = value;
  }, [value]);
  return value ?? last.current;
}
