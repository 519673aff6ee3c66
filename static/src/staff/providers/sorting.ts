/**
 * Sorting by several columns. react-admin stores one field and one direction. The field here is the whole order as the
 * API writes it, `-posted,number`, and the direction is always `ASC`, so that the address contains all of it.
 */
export interface SortKey {
  column: string;
  down: boolean;
}

const MOST = 3;

/** Returns the columns of an order, first one first. */
export const parseSort = (field: string): SortKey[] =>
  field
    .split(',')
    .filter(Boolean)
    .map(part => ({ column: part.replace(/^-/, ''), down: part.startsWith('-') }));

export const formatSort = (keys: SortKey[]): string => keys.map(key => (key.down ? '-' : '') + key.column).join(',');

/**
 * Returns the order after a click on a column: by it alone, or reversed if it was alone already. With `adding`, the
 * columns before stay in front of it; one that is among them is reversed, then removed.
 */
export function toggleSort(field: string, column: string, adding: boolean): string {
  const keys = parseSort(field);
  const known = keys.find(key => key.column === column);
  if (!adding) return formatSort([{ column, down: keys.length === 1 && known ? !known.down : false }]);
  if (!known) return formatSort([...keys, { column, down: false }].slice(-MOST));
  if (!known.down) return formatSort(keys.map(key => (key === known ? { column, down: true } : key)));
  const others = keys.filter(key => key !== known);
  return formatSort(others.length ? others : [{ column, down: false }]);
}
