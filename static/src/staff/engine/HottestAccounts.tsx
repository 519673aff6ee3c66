import Box from '@mui/material/Box';
import { formatAccountNumber } from '../../format/accountNumber';
import { formatNumber } from '../../format/numbers';
import { useLanguage } from '../../i18n/staff';
import { tabularNumbers } from '../../theme';
import { InlineLink } from '../fields/InlineLink';
import { Card } from '../record/Card';
import { SimpleTable } from '../record/SimpleTable';
import type { Reading } from './useEngineReadings';

/** The busiest accounts, with links to their actors. */
export function HottestAccounts({ hottest }: { hottest: Reading['hottest'] | undefined }) {
  const { t, language } = useLanguage();
  const most = Math.max(1, ...(hottest ?? []).map(one => one.per_s));
  return (
    <Card title={t('engine.hottest')} flush>
      <SimpleTable
        label={t('engine.hottest')}
        rows={hottest ?? []}
        keyOf={one => one.number}
        empty={t('engine.quiet')}
        columns={[
          {
            name: t('engine.number'),
            value: one => (
              <InlineLink to={`/engine/actors/${encodeURIComponent(one.number)}`}>
                {formatAccountNumber(one.number)}
              </InlineLink>
            ),
          },
          {
            name: t('engine.share'),
            value: one => (
              <Box
                aria-hidden
                sx={{
                  height: 6,
                  minWidth: 2,
                  borderRadius: 3,
                  bgcolor: 'primary.main',
                  width: Math.round((one.per_s / most) * 140),
                }}
              />
            ),
          },
          {
            name: t('engine.perS'),
            right: true,
            value: one => (
              <Box component="span" sx={tabularNumbers}>
                {formatNumber(one.per_s, language)}
              </Box>
            ),
          },
        ]}
      />
    </Card>
  );
}
