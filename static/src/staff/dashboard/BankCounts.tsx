import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router-dom';
import { fetchJson } from '../../api/http';
import type { components } from '../../api/schema';
import { formatAmount } from '../../format/money';
import { formatNumber } from '../../format/numbers';
import { useLanguage } from '../../i18n/staff';
import { tabularNumbers } from '../../theme';
import { Money } from '../fields/Money';
import type { ResourcePage } from '../providers/dataProvider';

type CurrencySums = components['schemas']['CurrencySums'];

const fetchCounts =
  (path: string, query = {}) =>
  () =>
    fetchJson<ResourcePage>('GET', path, { query: { limit: 1, ...query } });

const filtered = (resource: string, filter: Record<string, string>) =>
  `/${resource}?filter=${encodeURIComponent(JSON.stringify(filter))}`;

/** Counts of members and accounts, and the customers' balances, each with a link to its list. */
export function BankCounts() {
  const { t, language } = useLanguage();
  const members = useQuery({ queryKey: ['members', 'counts'], queryFn: fetchCounts('/admin/members') }).data;
  const accounts = useQuery({ queryKey: ['accounts', 'counts'], queryFn: fetchCounts('/admin/accounts') }).data;
  const sums = accounts?.totals?.customers;
  const held = sums?.filter(sum => sum.held > 0) ?? [];
  const count = (value: number | undefined) => (value === undefined ? '–' : formatNumber(value, language));
  return (
    <Box
      sx={{
        display: 'grid',
        gap: 2,
        gridTemplateColumns: { xs: 'repeat(2, minmax(0, 1fr))', lg: 'repeat(4, minmax(0, 1fr))' },
      }}
    >
      <Tile
        wide
        name={t('staff.customersMoney')}
        to="/accounts"
        value={sums ? <Sums of={sums} /> : '–'}
        note={held.map(sum => (
          <Box key={sum.currency} component="span" sx={{ mr: 1 }}>
            {t('staff.heldCount', { amount: `${formatAmount(sum.held, sum.scale)} ${sum.currency}` })}
          </Box>
        ))}
      />
      <Tile
        name={t('resources.members.name', { count: 2 })}
        to="/members"
        value={count(members?.total)}
        note={members && t('staff.disabledCount', { count: count(members.counts?.disabled?.true ?? 0) })}
      />
      <Tile
        name={t('resources.accounts.name', { count: 2 })}
        to="/accounts"
        value={count(accounts?.total)}
        note={accounts && t('staff.openCount', { count: count(accounts.counts?.status?.open ?? 0) })}
      />
      <Tile
        wide
        name={t('staff.frozenAccounts')}
        to={filtered('accounts', { status: 'frozen' })}
        value={count(accounts && (accounts.counts?.status?.frozen ?? 0))}
        note={accounts && t('staff.ownLimitCount', { count: count(accounts.counts?.own_limits?.true ?? 0) })}
      />
    </Box>
  );
}

/** Sums by currency, smaller when there are several. */
const Sums = ({ of }: { of: CurrencySums[] }) => (
  <Box
    component="span"
    sx={{
      display: 'block',
      fontSize: of.length > 1 ? '1.0625rem' : '1.375rem',
      lineHeight: of.length > 1 ? 1.3 : 1.65,
    }}
  >
    {of.length === 0
      ? '–'
      : of.map(sum => (
          <Box key={sum.currency} component="span" sx={{ display: 'block' }}>
            <Money minor={sum.posted} of={sum} />
          </Box>
        ))}
  </Box>
);

interface TileProps {
  name: string;
  to: string;
  value: ReactNode;
  note?: ReactNode;
  /** Spans the width of a phone. */
  wide?: boolean;
}

function Tile({ name, to, value, note, wide = false }: TileProps) {
  return (
    <ButtonBase
      component={Link}
      to={to}
      sx={{
        gridColumn: wide ? { xs: '1 / -1', lg: 'auto' } : undefined,
        display: 'block',
        textAlign: 'left',
        p: 2.25,
        borderRadius: '16px',
        border: 1,
        borderColor: 'divider',
        bgcolor: 'background.paper',
        '&:hover': { borderColor: 'primary.main' },
      }}
    >
      <Typography variant="caption" color="textSecondary" component="div">
        {name}
      </Typography>
      <Typography component="div" sx={{ ...tabularNumbers, fontSize: '1.75rem', fontWeight: 640, lineHeight: 1.3 }}>
        {value}
      </Typography>
      <Typography variant="caption" color="textSecondary" component="div" sx={{ minHeight: 20 }}>
        {note}
      </Typography>
    </ButtonBase>
  );
}
