export const ROW_PX = 45;
const SPARE = 12;

/** Returns which of `count` rows are rendered when the table's body starts at `top` in a viewport of that height. */
export function visibleRows(count: number, top: number, height: number): { from: number; to: number } {
  const first = Math.floor(-top / ROW_PX) - SPARE;
  const last = Math.ceil((height - top) / ROW_PX) + SPARE;
  const from = Math.max(0, Math.min(first, count));
  return { from, to: Math.max(from, Math.min(last, count)) };
}
