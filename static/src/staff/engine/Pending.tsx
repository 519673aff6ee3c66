import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { usePermissions, useTranslate } from 'react-admin';
import { send } from '../../api/http';
import type { List } from '../../api/types';
import { elapsed } from '../../format/dates';
import { digits } from '../../format/money';
import { Failed } from '../../member/parts';
import { figures } from '../../theme';

interface Waiting { id: string; stage: string | null; from: string; to: string; amount: number; currency: string; scale: number; age_s: number }

/** The transfers that wait for their verification, with what an administrator can do about them. */
export function Pending() {
  const t = useTranslate();
  const client = useQueryClient();
  const { permissions } = usePermissions<string>();
  const query = useQuery({ queryKey: ['pending'], queryFn: () => send<List<Waiting> & { total: number }>('GET', '/admin/pending', { query: { limit: 100 } }), refetchInterval: 1_000, retry: false });
  const act = useMutation({
    mutationFn: ({ id, action }: { id: string; action: 'cancel' | 'retry' }) => send<unknown>('POST', `/admin/transfers/${id}/${action}`),
    onSettled: () => client.invalidateQueries({ queryKey: ['pending'] }),
  });
  const rows = query.data?.data;
  return (
    <Box sx={{ overflowX: 'auto', minHeight: 60 }} tabIndex={0} role="region" aria-label={t('staff.pending')}>
      <Failed error={query.error ?? act.error} />
      {rows?.length === 0 && <Typography variant="body2" color="textSecondary">{t('engine.none')}</Typography>}
      {Boolean(rows?.length) && (
        <Table size="small">
          <TableHead><TableRow>{['resources.transfers.fields.id', 'resources.transfers.fields.from', 'resources.transfers.fields.to', 'resources.transfers.fields.amount', 'engine.age', 'engine.stage'].map(name => <TableCell key={name}>{t(name)}</TableCell>)}{permissions === 'admin' && <TableCell />}</TableRow></TableHead>
          <TableBody>
            {rows?.map(row => (
              <TableRow key={row.id} sx={figures}>
                <TableCell>{row.id.slice(0, 13)}…</TableCell><TableCell>{row.from}</TableCell><TableCell>{row.to}</TableCell>
                <TableCell>{digits(row.amount, row.scale)} {row.currency}</TableCell><TableCell>{elapsed(row.age_s)}</TableCell><TableCell>{row.stage ?? '–'}</TableCell>
                {permissions === 'admin' && <TableCell sx={{ whiteSpace: 'nowrap' }}><Button size="small" onClick={() => act.mutate({ id: row.id, action: 'retry' })}>{t('staff.retry')}</Button><Button size="small" color="error" onClick={() => act.mutate({ id: row.id, action: 'cancel' })}>{t('staff.cancel')}</Button></TableCell>}
              </TableRow>
            ))}
          </TableBody>
        </Table>
      )}
    </Box>
  );
}
