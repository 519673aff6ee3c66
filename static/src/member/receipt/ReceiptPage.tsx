import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link as RouterLink, useParams, useSearchParams } from 'react-router';
import { api } from '../../api/client';
import { useLanguage } from '../../i18n/member';
import { Card } from '../components/Card';
import { ErrorAlert } from '../components/ErrorAlert';
import { Page } from '../components/Page';
import { SkeletonRows } from '../components/SkeletonRows';
import { useBank } from '../providers/BankProvider';
import { useAccounts } from '../providers/useAccounts';
import { isRunning } from './isRunning';
import { ReceiptDetails } from './ReceiptDetails';
import { ReceiptStatus } from './ReceiptStatus';
import { asSettledTransfer } from './settledTransfer';

/** How often a running transfer is fetched, with the event stream and without it. */
const ASKED_MS = { live: 5_000, alone: 2_000 };

/** The receipt of a transfer, updated live and printable. */
export function ReceiptPage() {
  const { id = '' } = useParams();
  const [params] = useSearchParams();
  const step = params.has('step') ? Number(params.get('step')) : undefined;
  const { t } = useLanguage();
  const { connected, meta } = useBank();
  const client = useQueryClient();
  const accounts = useAccounts();
  const query = useQuery({
    queryKey: ['transfer', id, step ?? null],
    queryFn: () => api.transferById(id, step),
    refetchInterval: ({ state }) =>
      state.data && isRunning(state.data) ? (connected ? ASKED_MS.live : ASKED_MS.alone) : false,
  });
  const cancelling = useMutation({
    mutationFn: () => api.cancelTransfer(id),
    onSuccess: transfer => {
      client.setQueryData(['transfer', id, null], transfer);
      for (const key of ['accounts', 'transfers', 'holds', 'entries'])
        void client.invalidateQueries({ queryKey: [key] });
    },
    onError: () => void query.refetch(),
  });
  const transfer = query.data && asSettledTransfer(query.data);
  const isMine = Boolean(accounts?.some(account => account.number === transfer?.from));
  const actions = transfer && (
    <>
      <Button variant="outlined" color="inherit" onClick={() => print()}>
        {t('common.print')}
      </Button>
      <Button variant="contained" component={RouterLink} to="/transfer">
        {t('receipt.again')}
      </Button>
    </>
  );
  return (
    <Page title={t('receipt.title')} aside={actions}>
      {query.isError && <ErrorAlert error={query.error} retry={() => void query.refetch()} />}
      {(transfer || !query.isError) && (
        <Card sx={{ maxWidth: 560, minHeight: 520 }}>
          {!transfer || !accounts ? (
            <SkeletonRows count={6} />
          ) : (
            <>
              <ReceiptStatus transfer={transfer} isMine={isMine} />
              <ReceiptDetails transfer={transfer} isMine={isMine} />
              <ErrorAlert error={cancelling.error} />
              {isMine && transfer.status === 'pending' && (
                <Button
                  className="no-print"
                  color="error"
                  variant="outlined"
                  size="large"
                  fullWidth
                  loading={cancelling.isPending}
                  onClick={() => cancelling.mutate()}
                  sx={{ mt: 2 }}
                >
                  {t('receipt.cancel')}
                </Button>
              )}
              <Box
                sx={{
                  display: 'none',
                  '@media print': { display: 'block', mt: 4, textAlign: 'center', color: 'text.secondary' },
                }}
              >
                {meta.name}
              </Box>
            </>
          )}
        </Card>
      )}
    </Page>
  );
}
