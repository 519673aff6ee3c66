import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { memo } from 'react';
import { Link as RouterLink } from 'react-router';
import type { Entry } from '../api/types';
import { clock, day, today } from '../format/dates';
import { digits, money } from '../format/money';
import { shown } from '../format/number';
import { known, useLanguage } from '../i18n';
import { figures } from '../theme';
import { Money } from './parts';
import { useBank } from './session';

/** What an entry says of itself: its label, else the other side, else what it is. */
export function useEntryText() {
  const { t } = useLanguage();
  return (entry: Entry) => {
    const kind = known(t, 'kind', entry.kind, entry.kind.replaceAll('_', ' '));
    const name = entry.counterparty_name ?? (entry.counterparty && shown(entry.counterparty));
    const title = entry.label || name || kind;
    const rest = [title === kind ? null : kind, title === name ? null : name].filter(Boolean);
    return { kind, title, rest: rest.join(' · ') };
  };
}

const HIDDEN = { position: 'absolute', clipPath: 'inset(50%)' } as const;
/** The kinds of entries whose id is that of a transfer, which has a receipt. */
const WITH_RECEIPT = new Set(['transfer_in', 'transfer_out', 'deposit', 'withdrawal', 'hold_in', 'hold_out']);

interface RowProps {
  entry: Entry;
  zone: string;
  account?: string;
}

const Row = memo(function Row({ entry, zone, account }: RowProps) {
  const { t, language } = useLanguage();
  const { title, rest } = useEntryText()(entry);
  const details = [clock(entry.recorded_at, zone, language), account && shown(account), rest].filter(Boolean).join(' · ');
  return (
    <Box
      component="li"
      sx={{
        display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) auto', columnGap: 2, alignItems: 'center', minHeight: 68, px: { xs: 2, sm: 3 }, py: 1, boxSizing: 'border-box',
        borderTop: 1, borderColor: 'divider', contentVisibility: 'auto', containIntrinsicHeight: 'auto 68px', breakInside: 'avoid',
        '@media print': { contentVisibility: 'visible', minHeight: 48 },
      }}
    >
      <Box sx={{ minWidth: 0 }}>
        <Typography noWrap sx={{ fontWeight: 560 }}>
          {WITH_RECEIPT.has(entry.kind) ? <Link component={RouterLink} to={`/transfers/${entry.id}`} color="inherit">{title}</Link> : title}
        </Typography>
        <Typography noWrap variant="caption" color="textSecondary" component="p" sx={figures}>{details}</Typography>
      </Box>
      <Box sx={{ textAlign: 'right' }}>
        <Typography component="p" sx={{ fontWeight: 600, minHeight: 24 }}>{entry.change !== 0 && <Money minor={entry.change} of={entry} signed />}</Typography>
        <Typography variant="caption" color="textSecondary" component="p" sx={figures}>
          {entry.fee > 0 && entry.change < 0 && (
            <Box component="span" sx={{ display: { xs: 'none', sm: 'inline' } }}>{t('account.fee', { fee: money(entry.fee, entry.currency, entry.scale, language) })} · </Box>
          )}
          <Box component="span" sx={HIDDEN}>{t('account.balanceAfter')} </Box>
          {digits(entry.balance, entry.scale)}
        </Typography>
      </Box>
    </Box>
  );
});

/** Entries, newest first, under the days that they count for. */
export function EntryRows({ entries, withAccount }: { entries: (Entry & { account?: string })[]; withAccount?: boolean }) {
  const { meta } = useBank();
  const { language } = useLanguage();
  const now = today(meta.time_zone);
  return [...byDay(entries)].map(([date, rows]) => {
    const name = day(date, now, language);
    return (
      <Box key={date} component="section" aria-label={name}>
        <Typography variant="overline" component="h3" color="textSecondary" sx={{ px: { xs: 2, sm: 3 }, pt: 2, pb: 0.75, display: 'block' }}>{name}</Typography>
        <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
          {rows.map((entry, at) => (
            // By its place: when an entry arrives, texts change and no row is moved.
            <Row key={at} entry={entry} zone={meta.time_zone} account={withAccount ? entry.account : undefined} />
          ))}
        </Box>
      </Box>
    );
  });
}

function byDay<T extends Entry>(entries: T[]): Map<string, T[]> {
  const days = new Map<string, T[]>();
  for (const entry of entries) {
    const rows = days.get(entry.date);
    if (rows) rows.push(entry);
    else days.set(entry.date, [entry]);
  }
  return days;
}
