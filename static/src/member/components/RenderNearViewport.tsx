import { type ReactNode, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';

/** How far from the window something is drawn. */
const MARGIN = '1200px 0px';

interface Props {
  /** How high it will be, in pixels, as long as it was never drawn. */
  height: number;
  /** Drawn before it is known whether it is near. */
  atOnce: boolean;
  always: boolean;
  children: ReactNode;
}

/** Draws its children while they are near the window, and otherwise leaves as much room as they take. */
export function RenderNearViewport({ height, atOnce, always, children }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(atOnce);
  const [room, setRoom] = useState<number | null>(null);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const observer = new IntersectionObserver(
      all => {
        // Of several at once the last is how it is now.
        const seen = all.at(-1);
        if (!seen) return;
        // What it takes on the screen is what has to be left when it is gone.
        if (!seen.isIntersecting) setRoom(seen.boundingClientRect.height);
        setNear(seen.isIntersecting);
      },
      { rootMargin: MARGIN },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const isDrawn = isNear || always;
  return (
    <div ref={place} style={isDrawn ? undefined : { height: room ?? height }}>
      {isDrawn && children}
    </div>
  );
}

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
