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

/** A value in words: what the ledger wraps by the name of a change is taken out, and flags are told one by one. */
function said(value: unknown): string | null {
  if (value === undefined) return null;
  if (value === null) return '–';
  if (typeof value === 'number') return value.toLocaleString('en');
  if (typeof value !== 'object') return String(value);
  const parts = Object.entries(value);
  if (parts.length === 1) return said(parts[0]?.[1]);
  return parts.map(([name, part]) => `${name} ${said(part)}`).join(', ');
}

/** What differs between before and after, by the names of the fields. */
export function differences({ before, after }: Pick<Change, 'before' | 'after'>): Difference[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return names
    // What was made without something says nothing about it.
    .filter(name => before?.[name] !== undefined || after?.[name] !== null)
    .filter(name => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]))
    .map(name => ({ name, before: said(before?.[name]), after: said(after?.[name]) }));
}
