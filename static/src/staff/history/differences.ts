import { formatAccountNumber } from '../../format/accountNumber';

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
  outcome: string | null;
  code: string | null;
  count: number;
}

export interface Difference {
  name: string;
  before: string | null;
  after: string | null;
}

/** Formats values for the reader. */
export interface DiffFormatter {
  /** The name of a field. */
  field: (name: string) => string;
  number: (value: number) => string;
  /** A moment in RFC 3339. */
  moment: (at: string) => string;
  /** A flag or a code. */
  word: (name: string, value: string | boolean) => string;
}

const MOMENT = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;
/** Fields that contain account numbers. */
const ACCOUNTS = new Set(['from', 'to']);

const isNothing = (value: unknown) => value === null || value === undefined || value === false || value === '';

/** Formats a value. A change that the ledger wraps in an object is unwrapped, and lists are numbered. */
function formatValue(name: string, value: unknown, format: DiffFormatter): string | null {
  if (value === undefined) return null;
  if (value === null) return '–';
  // Steps are counted from 1 for people.
  if (typeof value === 'number') return format.number(name === 'step' ? value + 1 : value);
  if (Array.isArray(value)) return value.map((one, at) => `${at + 1}. ${formatValue('', one, format)}`).join('; ');
  if (typeof value === 'boolean') return format.word(name, value);
  if (typeof value !== 'object') {
    const text = String(value);
    return MOMENT.test(text)
      ? format.moment(text)
      : ACCOUNTS.has(name)
        ? formatAccountNumber(text)
        : format.word(name, text);
  }
  const parts = Object.entries(value);
  const [only] = parts;
  if (only && parts.length === 1) return formatValue(only[0], only[1], format);
  const shownParts = parts.filter(([, part]) => !isNothing(part));
  // If every flag is off, they are listed, so that the value is not empty.
  return (shownParts.length ? shownParts : parts)
    .map(([part, inner]) => `${format.field(part)} ${formatValue(part, inner, format)}`)
    .join(', ');
}

/** Returns what differs between before and after, by field. */
export function differences({ before, after }: Pick<Change, 'before' | 'after'>, format: DiffFormatter): Difference[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return (
    names
      // A field that is empty in a new record is not a change.
      .filter(name => before?.[name] !== undefined || !isNothing(after?.[name]))
      .filter(name => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]))
      .map(name => ({
        name,
        before: formatValue(name, before?.[name], format),
        after: formatValue(name, after?.[name], format),
      }))
  );
}
