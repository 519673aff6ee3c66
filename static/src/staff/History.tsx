import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { useLocale, useRecordContext, useTranslate } from 'react-admin';
import { send } from '../api/http';
import type { List } from '../api/types';
import { moment } from '../format/dates';
import { figures } from '../theme';
import { useZone } from './fields';

export interface Change {
  id: string;
  at: string;
  username: string | null;
  action: string;
  object: string;
  object_id: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/** What differs, in words of its own: `disabled: false → true`. */
export const difference = ({ before, after }: Pick<Change, 'before' | 'after'>): string =>
  [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
    .filter(name => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]))
    .map(name => `${name}: ${JSON.stringify(before?.[name] ?? null)} → ${JSON.stringify(after?.[name] ?? null)}`).join(', ');

/** Who did what, newest first. */
export function Changes({ query }: { query: Record<string, string> }) {
  const t = useTranslate();
  const zone = useZone();
  const locale = useLocale();
  const found = useQuery({ queryKey: ['audit', query], queryFn: () => send<List<Change>>('GET', '/admin/audit', { query: { ...query, limit: 20 } }), retry: false });
  if (!found.data) return null;
  return (
    <Box component="ul" sx={{ listStyle: 'none', p: 0, m: 0 }}>
      {found.data.data.map(change => (
        <Box key={change.id} component="li" sx={{ py: 1, borderTop: 1, borderColor: 'divider', display: 'grid', gridTemplateColumns: { sm: '170px minmax(0, 1fr)' }, gap: { sm: 2 } }}>
          <Typography variant="body2" color="textSecondary" sx={figures}>{moment(change.at, zone, locale === 'ko' ? 'ko' : 'en')}</Typography>
          <Typography variant="body2" sx={{ overflowWrap: 'anywhere' }}><b>{change.username ?? '–'}</b> · {change.action} · {change.object} {change.object_id} {difference(change) && <Box component="span" sx={{ color: 'text.secondary', display: 'block' }}>{difference(change)}</Box>}</Typography>
        </Box>
      ))}
      {found.data.data.length === 0 && <Typography component="li" variant="body2" color="textSecondary">{t('staff.nothing')}</Typography>}
    </Box>
  );
}

/** The history of the record that is open. */
export function History({ object }: { object: string }) {
  const t = useTranslate();
  const record = useRecordContext();
  if (!record) return null;
  return (
    <Box component="section" sx={{ mt: 3, width: '100%' }}>
      <Typography variant="h2" gutterBottom>{t('staff.history')}</Typography>
      <Changes query={{ object, object_id: String(record.id) }} />
    </Box>
  );
}
