export interface Change {
  id: string;
  at: string;
  member: string | null;
  username: string | null;
  role: string | null;
  via: string;
  address: string | null;
  action: string;
  object: string;
  object_id: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  request_id: string | null;
}

export interface Difference {
  name: string;
  before: string | null;
  after: string | null;
}

const said = (value: unknown): string | null =>
  value === undefined ? null : typeof value === 'string' ? value : value === null ? '–' : JSON.stringify(value);

/** What differs between before and after, by the names of the fields. */
export function differences({ before, after }: Pick<Change, 'before' | 'after'>): Difference[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return names
    .filter(name => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]))
    .map(name => ({ name, before: said(before?.[name]), after: said(after?.[name]) }));
}
