/** What stands in columns and facts: amounts, moments, states, and the way to what is named. */
import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import MuiLink from '@mui/material/Link';
import type { ReactNode } from 'react';
import { type RaRecord, useLocale, useRecordContext, useTranslate } from 'react-admin';
import { Link } from 'react-router-dom';
import { shown } from '../../format/accountNumber';
import { exact, moment } from '../../format/dates';
import { digits } from '../../format/money';
import { figures } from '../../theme/index';
import { useZone } from '../hooks/useBankMeta';

const read = (record: RaRecord | undefined, source: string): unknown =>
  source
    .split('.')
    .reduce<unknown>((found, name) => (found as Record<string, unknown> | null | undefined)?.[name], record);

interface InCurrency {
  currency?: string | null;
  scale?: number | null;
}

/** Minor units in their currency's scale. */
export function Sum({ minor, of }: { minor: number | null | undefined; of: InCurrency }) {
  if (minor === null || minor === undefined)
    return (
      <Box component="span" sx={{ color: 'text.secondary' }}>
        –
      </Box>
    );
  return (
    <Box component="span" sx={{ ...figures, whiteSpace: 'nowrap' }}>
      {digits(minor, of.scale ?? 0)}{' '}
      <Box component="span" sx={{ color: 'text.secondary', fontSize: '0.8125em' }}>
        {of.currency}
      </Box>
    </Box>
  );
}

/** An amount of the record. */
export function Amount({ source }: { source: string }) {
  const record = useRecordContext();
  return <Sum minor={read(record, source) as number | null} of={(record ?? {}) as InCurrency} />;
}

/** A limit: `null` is none, 0 forbids. */
export function Limit({ minor, of }: { minor: number | null | undefined; of: InCurrency }) {
  const t = useTranslate();
  if (minor === null || minor === undefined) return <>{t('staff.no_limit')}</>;
  if (minor === 0) return <>{t('staff.forbidden')}</>;
  return <Sum minor={minor} of={of} />;
}

/** A moment in the bank's time zone. */
export function Moment({ at, seconds = false }: { at: string | null | undefined; seconds?: boolean }) {
  const zone = useZone();
  const locale = useLocale() === 'ko' ? 'ko' : 'en';
  return (
    <Box component="span" sx={{ ...figures, whiteSpace: 'nowrap' }}>
      {at ? (seconds ? exact : moment)(at, zone, locale) : '–'}
    </Box>
  );
}

export function Time({ source, seconds }: { source: string; seconds?: boolean }) {
  return <Moment at={read(useRecordContext(), source) as string | null} seconds={seconds} />;
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
export function Mark({ value }: { value: string }) {
  const t = useTranslate();
  return (
    <Chip
      size="small"
      variant="outlined"
      color={COLOURS[value] ?? 'default'}
      label={t(`staff.state.${value}`, { _: value })}
    />
  );
}

export function State({ source }: { source: string }) {
  const value = read(useRecordContext(), source);
  return value ? <Mark value={String(value)} /> : null;
}

/** A text of a closed set, in the reader's language: `staff.kind.deposit`. */
export function Word({ source, of }: { source: string; of: string }) {
  const t = useTranslate();
  const value = read(useRecordContext(), source);
  return value ? t(`staff.${of}.${String(value)}`, { _: String(value) }) : '–';
}

export function YesNo({ source }: { source: string }) {
  const t = useTranslate();
  return (
    <Box component="span" sx={{ color: read(useRecordContext(), source) ? 'text.primary' : 'text.secondary' }}>
      {t(read(useRecordContext(), source) ? 'ra.boolean.true' : 'ra.boolean.false')}
    </Box>
  );
}

/** A name of any length, of which a column shows as much as there is room for. */
export const Name = ({ children }: { children: ReactNode }) => (
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
export function Text({ source }: { source: string }) {
  const value = read(useRecordContext(), source);
  return value ? <Name>{String(value)}</Name> : <>–</>;
}

/** A link that leaves the row alone. */
export const To = ({ to, children }: { to: string; children: ReactNode }) => (
  <MuiLink component={Link} to={to} onClick={event => event.stopPropagation()} sx={{ ...figures, fontWeight: 550 }}>
    {children}
  </MuiLink>
);

export const AccountLink = ({ number }: { number: string | null | undefined }) =>
  number ? <To to={`/accounts/${encodeURIComponent(number)}/show`}>{shown(number)}</To> : <>–</>;

/** The other account of a movement. */
export function Account({ source }: { source: string }) {
  return <AccountLink number={read(useRecordContext(), source) as string | null} />;
}

/** What a row is known by, as the way to its page. */
export function Title({ source, resource }: { source: string; resource: string }) {
  const record = useRecordContext();
  if (!record) return null;
  return (
    <To to={`/${resource}/${encodeURIComponent(String(record.id))}/show`}>{String(read(record, source) ?? '–')}</To>
  );
}
