import CheckCircle from '@mui/icons-material/CheckCircleOutlined';
import Cancel from '@mui/icons-material/HighlightOffOutlined';
import Hourglass from '@mui/icons-material/HourglassEmptyOutlined';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Typography from '@mui/material/Typography';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link as RouterLink, useParams } from 'react-router';
import { api } from '../api/client';
import type { Transfer } from '../api/types';
import { elapsed, exact } from '../format/dates';
import { useLanguage } from '../i18n';
import { figures } from '../theme';
import { Card, Failed, Money, Page, Rows, useRefusalText } from './parts';
import { useAccounts, useBank } from './session';
import { Line } from './transfer/QuoteLines';

const open = (transfer: Transfer | undefined) => transfer?.status === 'pending' || transfer?.status === 'held';

/** What has become of a transfer, live, and on paper. */
export function Receipt() {
  const { id = '' } = useParams();
  const { t } = useLanguage();
  const { connected } = useBank();
  const client = useQueryClient();
  const mine = useAccounts();
  const query = useQuery({
    queryKey: ['transfer', id],
    queryFn: () => api.transferById(id),
    // The stream tells; asking is for when there is none.
    refetchInterval: ({ state }) => (open(state.data) ? (connected ? 5_000 : 2_000) : false),
  });
  const cancelling = useMutation({
    mutationFn: () => api.cancelTransfer(id),
    onSuccess: transfer => client.setQueryData(['transfer', id], transfer),
    onSettled: () => void query.refetch(),
  });
  const transfer = query.data;
  const sent = Boolean(mine?.some(account => account.number === transfer?.from));
  return (
    <Page title={t('receipt.title')} aside={transfer && <>
      <Button variant="outlined" color="inherit" onClick={() => print()}>{t('common.print')}</Button>
      <Button variant="contained" component={RouterLink} to="/transfer">{t('receipt.again')}</Button>
    </>}>
      {query.isError && <Failed error={query.error} retry={() => void query.refetch()} />}
      <Card sx={{ maxWidth: 560, minHeight: 420 }}>
        {!transfer ? (!query.isError && <Rows count={5} />) : (
          <>
            <Status transfer={transfer} />
            <Details transfer={transfer} />
            <Failed error={cancelling.error} />
            {sent && transfer.status === 'pending' && <Button className="no-print" color="error" variant="outlined" fullWidth loading={cancelling.isPending} onClick={() => cancelling.mutate()} sx={{ mt: 2 }}>{t('receipt.cancel')}</Button>}
          </>
        )}
      </Card>
    </Page>
  );
}

function Status({ transfer }: { transfer: Transfer }) {
  const { t } = useLanguage();
  const refusalText = useRefusalText();
  const [now, setNow] = useState(Date.now);
  const running = open(transfer);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [running]);
  const good = transfer.status === 'posted';
  const Icon = good ? CheckCircle : running ? Hourglass : Cancel;
  const colour = good ? 'success.main' : running ? 'warning.main' : 'error.main';
  const seconds = ((running ? now : Date.parse(transfer.ended_at ?? transfer.created_at)) - Date.parse(transfer.created_at)) / 1000;
  return (
    <Box sx={{ textAlign: 'center', pb: 2 }}>
      <Icon sx={{ fontSize: 44, color: colour }} aria-hidden />
      <Box role="status">
        <Typography variant="h2" component="p" sx={{ color: colour, mt: 0.5 }}>{t(`status.${transfer.status}`)}</Typography>
        <Typography variant="body2" color="text.secondary">
          {transfer.refusal ? refusalText(transfer.refusal, transfer) : t(`receipt.money.${transfer.status}`)}
        </Typography>
      </Box>
      <Typography sx={{ fontSize: '2.125rem', fontWeight: 640, letterSpacing: '-0.03em', mt: 1.5 }}><Money minor={transfer.amount} of={transfer} /></Typography>
      <Box sx={{ height: 34, pt: 1 }}>
        {running && <LinearProgress aria-label={t('status.pending')} color="warning" sx={{ borderRadius: 2, maxWidth: 220, mx: 'auto', mb: 0.5 }} />}
        {(running || seconds >= 1) && <Typography variant="caption" color="text.secondary" sx={figures}>{t(running ? 'receipt.elapsed' : 'receipt.took', { time: elapsed(seconds) })}</Typography>}
      </Box>
    </Box>
  );
}

function Details({ transfer }: { transfer: Transfer }) {
  const { t, language } = useLanguage();
  const { meta } = useBank();
  const payee = useQuery({ queryKey: ['payee', transfer.to], queryFn: () => api.payee(transfer.to), staleTime: 60_000, retry: false }).data;
  return (
    <Box component="dl" sx={{ m: 0, borderTop: 1, borderColor: 'divider', pt: 1.5 }}>
      <Line name={t('transfer.from')}><Box component="span" sx={figures}>{transfer.from}</Box></Line>
      <Line name={t('account.to')}><Box component="span" sx={figures}>{payee ? `${payee.name} · ` : ''}{transfer.to}</Box></Line>
      <Line name={t('transfer.fee')}>{transfer.fee ? <Money minor={transfer.fee} of={transfer} /> : t('transfer.noFee')}</Line>
      <Line name={t('transfer.total')} strong><Money minor={transfer.total} of={transfer} /></Line>
      {transfer.sender_label && <Line name={t('transfer.senderLabel')}>{transfer.sender_label}</Line>}
      {transfer.receiver_label && <Line name={t('transfer.receiverLabel')}>{transfer.receiver_label}</Line>}
      {transfer.reason && <Line name={t('receipt.reason')}>{transfer.reason}</Line>}
      <Line name={t('receipt.when')}><Box component="span" sx={figures}>{exact(transfer.ended_at ?? transfer.created_at, meta.time_zone, language)}</Box></Line>
      <Line name={t('receipt.id')}><Box component="span" sx={{ ...figures, fontSize: '0.75rem' }}>{transfer.id}</Box></Line>
    </Box>
  );
}
