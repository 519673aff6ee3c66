import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import type { Failure } from '../../api/problem';
import type { Account, Payee, Quote } from '../../api/types';
import { money } from '../../format/money';
import { useLanguage } from '../../i18n';
import { Card, Failed, Money, useRefusalText } from '../parts';

/** A name and what belongs to it, on one line. */
export function Line({ name, children, strong = false }: { name: ReactNode; children: ReactNode; strong?: boolean }) {
  return (
    <Box sx={{ display: 'flex', justifyContent: 'space-between', gap: 2, py: 0.75, fontWeight: strong ? 640 : 400 }}>
      <Typography component="dt" variant="body2" color={strong ? 'text.primary' : 'text.secondary'} sx={{ fontWeight: 'inherit', flexShrink: 0 }}>{name}</Typography>
      <Typography component="dd" variant="body2" sx={{ m: 0, fontWeight: 'inherit', textAlign: 'right', minWidth: 0, overflowWrap: 'anywhere' }}>{children}</Typography>
    </Box>
  );
}

interface Props {
  quote: Quote | undefined;
  waiting: boolean;
  account: Account;
  payee: Payee | undefined;
  minor: number;
  error: Failure | null;
}

/** What the transfer costs and leaves, as the bank says it, in a place that does not change its size. */
export function QuoteLines({ quote, waiting, account, payee, minor, error }: Props) {
  const { t, language } = useLanguage();
  const refusalText = useRefusalText();
  const granted = quote?.granted ? quote : null;
  const dash = '–';
  return (
    <Card sx={{ minHeight: 288 }}>
      <Typography variant="h3" component="h2" noWrap sx={{ mb: 1 }}>{payee ? payee.name : t('transfer.title')}</Typography>
      <Box component="dl" sx={{ m: 0 }}>
        <Line name={t('transfer.amount')}>{minor > 0 ? <Money minor={minor} of={account} /> : dash}</Line>
        <Line name={t('transfer.fee')}>{granted ? (granted.fee ? <Money minor={granted.fee} of={account} /> : t('transfer.noFee')) : dash}</Line>
        <Box sx={{ borderTop: 1, borderColor: 'divider', mt: 0.75, pt: 0.75 }}><Line strong name={t('transfer.total')}>{granted ? <Money minor={granted.total} of={account} /> : dash}</Line></Box>
        <Line name={t('transfer.after')}>{granted ? <Money minor={granted.available_before - granted.total} of={account} /> : dash}</Line>
      </Box>
      <Box role="status" sx={{ mt: 1, minHeight: 44, color: 'text.secondary', fontSize: '0.8125rem' }}>
        {error && <Failed error={error} />}
        {waiting && t('transfer.quoting')}
        {granted && granted.headroom.free_transfers_left !== null && t('transfer.freeLeft', { count: granted.headroom.free_transfers_left })}
        {quote?.granted === false && (
          <Box sx={{ color: 'error.main', fontWeight: 560 }}>
            {refusalText(quote.refusal, account)}
            {quote.largest ? <Box sx={{ color: 'text.secondary', fontWeight: 400 }}>{t('transfer.possible', { amount: money(quote.largest, account.currency, account.scale, language) })}</Box> : null}
          </Box>
        )}
      </Box>
    </Card>
  );
}
