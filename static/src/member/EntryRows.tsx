import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { memo } from 'react';
import type { Entry } from '../api/types';
import { clock, day } from '../format/dates';
import { digits, money } from '../format/money';
import { known, useLanguage } from '../i18n';
import { figures } from '../theme';
import { Money } from './parts';
import { useBank } from './session';

/** What an entry says of itself: its label, else the other side, else what it is. */
export function useEntryText() {
  const { t } = useLanguage();
  return (entry: Entry) => {
    const kind = known(t, 'kind', entry.kind, entry.kind.replaceAll('_', ' '));
    const title = entry.label || entry.counterparty_name || kind;
    const rest = [title === kind ? null : kind, entry.label ? entry.counterparty_name : null, entry.counterparty].filter(Boolean);
    return { kind, title, rest: rest.join(' · ') };
  };
}

const Row = memo(function Row({ entry, zone, account }: { entry: Entry; zone: string; account?: string }) {
  const { t, language } = useLanguage();
  const { title, rest } = useEntryText()(entry);
  return (
    <Box component="li" sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) auto', columnGap: 2, alignItems: 'center', minHeight: 68, px: { xs: 2, sm: 3 }, py: 1, borderTop: 1, borderColor: 'divider', contentVisibility: 'auto', containIntrinsicHeight: 'auto 68px', breakInside: 'avoid' }}>
      <Box sx={{ minWidth: 0 }}>
        <Typography noWrap sx={{ fontWeight: 560 }}>{title}</Typography>
        <Typography noWrap variant="caption" color="text.secondary" component="p" sx={figures}>{[clock(entry.recorded_at, zone, language), account, rest].filter(Boolean).join(' · ')}</Typography>
      </Box>
      <Box sx={{ textAlign: 'right' }}>
        <Typography component="p" sx={{ fontWeight: 600 }}><Money minor={entry.change} of={entry} signed /></Typography>
        <Typography variant="caption" color="text.secondary" component="p" sx={figures}>
          {entry.fee > 0 && entry.change < 0 && <Box component="span" sx={{ display: { xs: 'none', sm: 'inline' } }}>{t('account.fee', { fee: money(entry.fee, entry.currency, entry.scale, language) })} · </Box>}
          <Box component="span" sx={{ position: 'absolute', clipPath: 'inset(50%)' }}>{t('account.balanceAfter')} </Box>{digits(entry.balance, entry.scale)}
        </Typography>
      </Box>
    </Box>
  );
});

/** Entries, newest first, under the days that they count for. */
export function EntryRows({ entries, withAccount }: { entries: (Entry & { account?: string })[]; withAccount?: boolean }) {
  const { meta } = useBank();
  const { language } = useLanguage();
  const days = group(entries);
  const newest = entries[0]?.date ?? '';
  return [...days].map(([date, rows]) => (
    <Box key={date} component="section" aria-label={day(date, newest, language)}>
      <Typography variant="overline" component="h3" color="text.secondary" sx={{ px: { xs: 2, sm: 3 }, pt: 2, pb: 0.75, display: 'block' }}>{day(date, newest, language)}</Typography>
      <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {rows.map(entry => <Row key={`${entry.account ?? ''}${entry.position} ${entry.id} ${entry.change}`} entry={entry} zone={meta.time_zone} account={withAccount ? entry.account : undefined} />)}
      </Box>
    </Box>
  ));
}

function group<T extends Entry>(entries: T[]): Map<string, T[]> {
  const days = new Map<string, T[]>();
  for (const entry of entries) days.set(entry.date, [...(days.get(entry.date) ?? []), entry]);
  return days;
}
