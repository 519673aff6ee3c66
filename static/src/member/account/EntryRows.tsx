import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { memo } from 'react';
import { Link as RouterLink } from 'react-router';
import type { Entry } from '../../api/types';
import { formatAccountNumber } from '../../format/accountNumber';
import { formatLongDate, formatTime, today } from '../../format/dates';
import { formatAmount, formatMoney } from '../../format/money';
import { useLanguage } from '../../i18n/member';
import { tabularNumbers } from '../../theme';
import { Money } from '../components/Money';
import { RenderNearViewport } from '../components/RenderNearViewport';
import { useIsPrinting } from '../components/useIsPrinting';
import { useBank } from '../providers/BankProvider';
import { useEntryText } from './useEntryText';

/** The number of rows that are rendered together, and the heights of a row and of a day's heading. */
const PART = 40;
const ROW_PX = 68;
const HEADING_PX = 44;

const HIDDEN = {
  position: 'absolute',
  width: '1px',
  height: '1px',
  overflow: 'hidden',
  whiteSpace: 'nowrap',
  clipPath: 'inset(50%)',
} as const;
/** Kinds without a receipt: entries about the account itself, and fees that others paid. */
const WITHOUT_RECEIPT = new Set(['opened', 'changed', 'amended', 'fee']);

/** Returns the path of an entry's receipt. A hold's entries lead to the transfer that placed it. */
const receiptOf = ({ id, hold, step }: Entry) =>
  `/transfers/${hold ?? id}${!hold && typeof step === 'number' ? `?step=${step}` : ''}`;

interface RowProps {
  entry: Entry;
  zone: string;
  account?: string;
}

const Row = memo(function Row({ entry, zone, account }: RowProps) {
  const { t, language } = useLanguage();
  const { title, rest } = useEntryText()(entry);
  const details = [formatTime(entry.recorded_at, zone, language), account && formatAccountNumber(account), rest]
    .filter(Boolean)
    .join(' · ');
  return (
    <Box
      component="li"
      sx={{
        display: 'grid',
        gridTemplateColumns: 'minmax(0, 1fr) auto',
        columnGap: 2,
        alignItems: 'center',
        minHeight: ROW_PX,
        px: { xs: 2, sm: 3 },
        py: 1,
        boxSizing: 'border-box',
        borderTop: 1,
        borderColor: 'divider',
        breakInside: 'avoid',
        '@media print': { minHeight: 48 },
      }}
    >
      <Box sx={{ minWidth: 0 }}>
        <Typography noWrap sx={{ fontWeight: 560 }}>
          {WITHOUT_RECEIPT.has(entry.kind) ? (
            title
          ) : (
            <Link component={RouterLink} to={receiptOf(entry)} color="inherit">
              {title}
            </Link>
          )}
        </Typography>
        <Typography noWrap variant="caption" color="textSecondary" component="p" sx={tabularNumbers}>
          {details}
        </Typography>
      </Box>
      <Box sx={{ textAlign: 'right' }}>
        <Typography component="p" sx={{ fontWeight: 600, minHeight: 24 }}>
          {entry.change !== 0 && <Money minor={entry.change} of={entry} signed />}
        </Typography>
        <Typography variant="caption" color="textSecondary" component="p" sx={tabularNumbers}>
          {entry.fee > 0 && entry.change < 0 && (
            <Box component="span" sx={{ display: { xs: 'none', sm: 'inline' } }}>
              {t('account.fee', { fee: formatMoney(entry.fee, entry.currency, entry.scale, language) })} ·{' '}
            </Box>
          )}
          <Box component="span" sx={HIDDEN}>
            {t('account.balanceAfter')}{' '}
          </Box>
          {formatAmount(entry.balance, entry.scale)}
        </Typography>
      </Box>
    </Box>
  );
});

type Shown = Entry & { account?: string };

/**
 * Entries under their business dates, newest first. Of a long list only the parts near the viewport are rendered; for
 * printing all of them are.
 */
export function EntryRows({ entries, withAccount }: { entries: Shown[]; withAccount?: boolean }) {
  const isPrinted = useIsPrinting();
  const parts: Shown[][] = [];
  for (let at = 0; at < entries.length; at += PART) parts.push(entries.slice(at, at + PART));
  return parts.map((part, at) => {
    const days = byDay(part, parts[at - 1]?.at(-1)?.date);
    const height = part.length * ROW_PX + days.filter(day => day.begins).length * HEADING_PX;
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: when an entry arrives, texts change and no row moves
      <RenderNearViewport key={at} height={height} atOnce={at < 2} always={isPrinted}>
        {days.map(day => (
          <Day key={day.date} day={day} withAccount={withAccount} />
        ))}
      </RenderNearViewport>
    );
  });
}

interface DayOfPart {
  date: string;
  rows: Shown[];
  /** Whether the day starts in this part. */
  begins: boolean;
}

function byDay(part: Shown[], before: string | undefined): DayOfPart[] {
  const days: DayOfPart[] = [];
  for (const entry of part) {
    const last = days.at(-1);
    if (last?.date === entry.date) last.rows.push(entry);
    else days.push({ date: entry.date, rows: [entry], begins: entry.date !== before });
  }
  return days;
}

function Day({ day: { date, rows, begins }, withAccount }: { day: DayOfPart; withAccount?: boolean }) {
  const { meta } = useBank();
  const { language } = useLanguage();
  const name = formatLongDate(date, today(meta.time_zone), language);
  const list = (
    <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
      {rows.map((entry, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: when an entry arrives, texts change and no row moves
        <Row key={at} entry={entry} zone={meta.time_zone} account={withAccount ? entry.account : undefined} />
      ))}
    </Box>
  );
  if (!begins) return list;
  return (
    <Box component="section" aria-label={name}>
      <Typography
        variant="overline"
        component="h3"
        color="textSecondary"
        sx={{ px: { xs: 2, sm: 3 }, pt: 2, pb: 0.75, display: 'block' }}
      >
        {name}
      </Typography>
      {list}
    </Box>
  );
}
