import { useRecordContext } from 'react-admin';
import { InlineLink } from './InlineLink';
import { valueAt } from './valueAt';

/** The title of a row, linked to its page. */
export function TitleField({ source, resource }: { source: string; resource: string }) {
  const record = useRecordContext();
  if (!record) return null;
  return (
    <InlineLink to={`/${resource}/${encodeURIComponent(String(record.id))}/show`}>
      {String(valueAt(record, source) ?? '–')}
    </InlineLink>
  );
}
