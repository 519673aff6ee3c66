import { type ReactNode, useEffect, useRef, useState } from 'react';

/** The distance from the viewport within which children are rendered. */
const MARGIN = '1200px 0px';

interface Props {
  /** The expected height in pixels, until the children were rendered once. */
  height: number;
  /** Renders the children before their position is known. */
  atOnce: boolean;
  always: boolean;
  children: ReactNode;
}

/** Renders its children while they are near the viewport, and otherwise keeps their place free. */
export function RenderNearViewport({ height, atOnce, always, children }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(atOnce);
  const [room, setRoom] = useState<number | null>(null);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const observer = new IntersectionObserver(
      all => {
        // Several observations may arrive at once; the last one is current.
        const seen = all.at(-1);
        if (!seen) return;
        // The rendered height is kept for the placeholder.
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
