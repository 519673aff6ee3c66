/** What stands in columns and facts: amounts, moments, states, and the way to what is named. */
import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import MuiLink from '@mui/material/Link';
import type { ReactNode } from 'react';
import { type RaRecord, useRecordContext } from 'react-admin';
import { Link } from 'react-router-dom';
import { formatAccountNumber } from '../../format/accountNumber';
import { formatDateTime, formatExactTime } from '../../format/dates';
import { formatAmount } from '../../format/money';
import { useLanguage } from '../../i18n/staff';
import { tabularNumbers } from '../../theme/index';
import { useTimeZone } from '../hooks/useBankMeta';

const valueAt = (record: RaRecord | undefined, source: string): unknown =>
  source
    .split('.')
    .reduce<unknown>((found, name) => (found as Record<string, unknown> | null | undefined)?.[name], record);

interface InCurrency {
  currency?: string | null;
  scale?: number | null;
}

/** Minor units in their currency's scale. */
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

/** An amount of the record. */
export function MoneyField({ source }: { source: string }) {
  const record = useRecordContext();
  return <Money minor={valueAt(record, source) as number | null} of={(record ?? {}) as InCurrency} />;
}

/** A limit: `null` is none, 0 forbids. */
export function LimitText({ minor, of }: { minor: number | null | undefined; of: InCurrency }) {
  const { t } = useLanguage();
  if (minor === null || minor === undefined) return <>{t('staff.noLimit')}</>;
  if (minor === 0) return <>{t('staff.forbidden')}</>;
  return <Money minor={minor} of={of} />;
}

/** A moment in the bank's time zone. */
export function DateTime({ at, seconds = false }: { at: string | null | undefined; seconds?: boolean }) {
  const zone = useTimeZone();
  const { language } = useLanguage();
  return (
    <Box component="span" sx={{ ...tabularNumbers, whiteSpace: 'nowrap' }}>
      {at ? (seconds ? formatExactTime : formatDateTime)(at, zone, language) : '–'}
    </Box>
  );
}

export function DateTimeField({ source, seconds }: { source: string; seconds?: boolean }) {
  return <DateTime at={valueAt(useRecordContext(), source) as string | null} seconds={seconds} />;
}

const COLOURS: Record<string, 'success' | 'warning' | 'error'> = {
  open: 'success',
  posted: 'success',
  active: 'success',
  settled: 'success',
  partly_settled: 'success',
  sound: 'success',
  frozen: 'warning',
  pending: 'warning',
  held: 'warning',
  running: 'warning',
  refused: 'error',
  rejected: 'error',
  faulty: 'error',
  disabled: 'error',
};

/** A state as a small mark, in the reader's language. */
export function StatusChip({ value }: { value: string }) {
  const { t } = useLanguage();
  return (
    <Chip
      size="small"
      variant="outlined"
      color={COLOURS[value] ?? 'default'}
      label={t.optional(`staff.state.${value}`, value)}
    />
  );
}

export function StatusField({ source }: { source: string }) {
  const value = valueAt(useRecordContext(), source);
  return value ? <StatusChip value={String(value)} /> : null;
}

/** A text of a closed set, in the reader's language: `staff.kind.deposit`. */
export function EnumField({ source, of }: { source: string; of: string }) {
  const { t } = useLanguage();
  const value = valueAt(useRecordContext(), source);
  return value ? t.optional(`staff.${of}.${String(value)}`, String(value)) : '–';
}

export function BooleanField({ source }: { source: string }) {
  const { t } = useLanguage();
  return (
    <Box component="span" sx={{ color: valueAt(useRecordContext(), source) ? 'text.primary' : 'text.secondary' }}>
      {t(valueAt(useRecordContext(), source) ? 'ra.boolean.true' : 'ra.boolean.false')}
    </Box>
  );
}

/** A name of any length, of which a column shows as much as there is room for. */
export const RecordName = ({ children }: { children: ReactNode }) => (
  <Box
    component="span"
    sx={{
      display: 'inline-block',
      maxWidth: 220,
      overflow: 'hidden',
      textOverflow: 'ellipsis',
      verticalAlign: 'bottom',
    }}
  >
    {children}
  </Box>
);

/** A text of any length. */
export function TextField({ source }: { source: string }) {
  const value = valueAt(useRecordContext(), source);
  return value ? <RecordName>{String(value)}</RecordName> : <>–</>;
}

/** A link that leaves the row alone. */
export const InlineLink = ({ to, children }: { to: string; children: ReactNode }) => (
  <MuiLink
    component={Link}
    to={to}
    onClick={event => event.stopPropagation()}
    sx={{ ...tabularNumbers, fontWeight: 550 }}
  >
    {children}
  </MuiLink>
);

export const AccountLink = ({ number }: { number: string | null | undefined }) =>
  number ? (
    <InlineLink to={`/accounts/${encodeURIComponent(number)}/show`}>{formatAccountNumber(number)}</InlineLink>
  ) : (
    <>–</>
  );

/** The other account of a movement. */
export function AccountField({ source }: { source: string }) {
  return <AccountLink number={valueAt(useRecordContext(), source) as string | null} />;
}

/** What a row is known by, as the way to its page. */
export function TitleField({ source, resource }: { source: string; resource: string }) {
  const record = useRecordContext();
  if (!record) return null;
  return (
    <InlineLink to={`/${resource}/${encodeURIComponent(String(record.id))}/show`}>
      {String(valueAt(record, source) ?? '–')}
    </InlineLink>
  );
}
