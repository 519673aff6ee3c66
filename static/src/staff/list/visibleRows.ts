export const ROW_PX = 45;
const SPARE = 12;

/** Which of `count` rows are to be drawn when the table's body begins at `top` in a window of that height. */
export function visibleRows(count: number, top: number, height: number): { from: number; to: number } {
  const first = Math.floor(-top / ROW_PX) - SPARE;
  const last = Math.ceil((height - top) / ROW_PX) + SPARE;
  const from = Math.max(0, Math.min(first, count));
  return { from, to: Math.max(from, Math.min(last, count)) };
}
