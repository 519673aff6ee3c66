import { useEffect, useState } from 'react';
import { flushSync } from 'react-dom';

/** Whether the page is being printed; it is drawn anew before the browser goes on. */
export function useIsPrinting(): boolean {
  const [isPrinted, set] = useState(false);
  useEffect(() => {
    const before = () => flushSync(() => set(true));
    const after = () => set(false);
    addEventListener('beforeprint', before);
    addEventListener('afterprint', after);
    return () => {
      removeEventListener('beforeprint', before);
      removeEventListener('afterprint', after);
    };
  }, []);
  return isPrinted;
}
