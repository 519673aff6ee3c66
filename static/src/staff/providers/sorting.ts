/**
 * Order by several columns. react-admin knows one field and one direction; the field here is the whole order as the API
 * reads it, `-posted,number`, and the direction is always `ASC`, so that the address keeps all of it.
 */
export interface Key {
  column: string;
  down: boolean;
}

const MOST = 3;

/** The columns of an order, the first one first. */
export const keysOf = (field: string): Key[] =>
  field
    .split(',')
    .filter(Boolean)
    .map(part => ({ column: part.replace(/^-/, ''), down: part.startsWith('-') }));

export const fieldOf = (keys: Key[]): string => keys.map(key => (key.down ? '-' : '') + key.column).join(',');

/**
 * The order after a column was chosen: by it alone, the other way round if it was alone already. With `adding` the
 * columns before stay in front of it: a column that is there turns round, then leaves.
 */
export function chosen(field: string, column: string, adding: boolean): string {
  const keys = keysOf(field);
  const known = keys.find(key => key.column === column);
  if (!adding) return fieldOf([{ column, down: keys.length === 1 && known ? !known.down : false }]);
  if (!known) return fieldOf([...keys, { column, down: false }].slice(-MOST));
  if (!known.down) return fieldOf(keys.map(key => (key === known ? { column, down: true } : key)));
  const others = keys.filter(key => key !== known);
  return fieldOf(others.length ? others : [{ column, down: false }]);
}
