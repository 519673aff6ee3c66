import Box from '@mui/material/Box';
import type { Account, Payee } from '../../api/types';
import { formatMoney } from '../../format/money';
import { useRefusalText } from '../../i18n/errors';
import { useLanguage } from '../../i18n/member';
import { Card } from '../components/Card';
import { DescriptionRow } from '../components/DescriptionRow';
import { ErrorAlert } from '../components/ErrorAlert';
import { Money } from '../components/Money';
import { payeeName } from './payeeName';
import type { QuoteState } from './useQuote';

interface Props {
  quoted: QuoteState;
  account: Account;
  payee: Payee | undefined;
  minor: number;
}

/** The bank's quote. Its size does not change with its content. */
export function QuoteSummary({ quoted: { granted, refused, waiting, failure }, account, payee, minor }: Props) {
  const { t, language } = useLanguage();
  const refusalText = useRefusalText();
  const dash = (
    <Box component="span" sx={{ color: 'text.secondary' }}>
      –
    </Box>
  );
  return (
    <Card title={t('transfer.summary')} sx={{ minHeight: 330 }}>
      <Box component="dl" sx={{ m: 0 }}>
        <DescriptionRow name={t('transfer.payee')}>{payee ? payeeName(t, payee) : dash}</DescriptionRow>
        <DescriptionRow name={t('transfer.amount')}>
          {minor > 0 ? <Money minor={minor} of={account} /> : dash}
        </DescriptionRow>
        <DescriptionRow name={t('transfer.fee')}>
          {granted ? granted.fee ? <Money minor={granted.fee} of={account} /> : t('transfer.noFee') : dash}
        </DescriptionRow>
        <DescriptionRow strong ruled name={t('transfer.total')}>
          {granted ? <Money minor={granted.total} of={account} /> : dash}
        </DescriptionRow>
        <DescriptionRow name={t('transfer.after')}>
          {granted ? <Money minor={granted.headroom.available} of={account} /> : dash}
        </DescriptionRow>
      </Box>
      <Box role="status" sx={{ mt: 1, minHeight: 44, color: 'text.secondary', fontSize: '0.8125rem' }}>
        {failure && <ErrorAlert error={failure} />}
        {waiting && t('transfer.quoting')}
        {granted && t('transfer.freeLeft', { count: granted.headroom.free_transfers_left })}
        {refused && (
          <>
            <Box sx={{ color: 'error.main', fontWeight: 560 }}>{refusalText(refused.refusal, account)}</Box>
            {refused.largest
              ? t('transfer.possible', {
                  amount: formatMoney(refused.largest, account.currency, account.scale, language),
                })
              : null}
          </>
        )}
      </Box>
    </Card>
  );
}
