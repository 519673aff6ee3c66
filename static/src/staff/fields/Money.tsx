import Box from '@mui/material/Box';
import { formatAmount } from '../../format/money';
import { tabularNumbers } from '../../theme';

export interface InCurrency {
  currency?: string | null;
  scale?: number | null;
}

/** An amount in minor units, with its currency. */
export function Money({ minor, of }: { minor: number | null | undefined; of: InCurrency }) {
  if (minor === null || minor === undefined)
    return (
      <Box component="span" sx={{ color: 'text.secondary' }}>
        –
      </Box>
    );
  return (
    <Box component="span" sx={{ ...tabularNumbers, whiteSpace: 'nowrap' }}>
      {formatAmount(minor, of.scale ?? 0)}{' '}
      <Box component="span" sx={{ color: 'text.secondary', fontSize: '0.8125em' }}>
        {of.currency}
      </Box>
    </Box>
  );
}
