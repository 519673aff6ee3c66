import Box from '@mui/material/Box';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { useEffect, useRef, useState } from 'react';
import { addDays, startOfMonth, today } from '../../format/dates';
import { useLanguage } from '../../i18n/member';
import { useBank } from '../providers/BankProvider';

const WAIT_MS = 150;
const PERIODS = ['any', 'week', 'month', 'quarter'] as const;

interface Props {
  from: string;
  to: string;
  q: string;
  choose: (next: Record<string, string>) => void;
}

/** Filters by text and by business date. */
export function EntryFilters({ from, to, q, choose }: Props) {
  const { t } = useLanguage();
  const { meta } = useBank();
  const [text, setText] = useSearchText(q, choose);
  const now = today(meta.time_zone);
  const starts = { any: '', week: addDays(now, -6), month: startOfMonth(now), quarter: addDays(now, -89) };
  const period = to ? undefined : PERIODS.find(name => starts[name] === from);
  return (
    <Box
      className="no-print"
      role="search"
      sx={{
        display: 'grid',
        gap: 1.5,
        gridTemplateColumns: { xs: 'repeat(2, minmax(0, 1fr))', sm: 'minmax(0, 1.6fr) repeat(3, minmax(0, 1fr))' },
        px: { xs: 2, sm: 3 },
        pt: 0.5,
        pb: 2,
      }}
    >
      <TextField
        size="small"
        type="search"
        label={t('account.search')}
        value={text}
        onChange={event => setText(event.target.value)}
        sx={{ gridColumn: { xs: '1 / -1', sm: 'auto' } }}
      />
      <TextField
        size="small"
        select
        label={t('account.period')}
        value={period ?? 'own'}
        sx={{ gridColumn: { xs: '1 / -1', sm: 'auto' } }}
        onChange={event => choose({ from: starts[event.target.value as keyof typeof starts] ?? '', to: '' })}
      >
        {!period && (
          <MenuItem value="own" disabled>
            {t('account.ownPeriod')}
          </MenuItem>
        )}
        {PERIODS.map(name => (
          <MenuItem key={name} value={name}>
            {t(`account.${name}`)}
          </MenuItem>
        ))}
      </TextField>
      <TextField
        size="small"
        type="date"
        label={t('account.from')}
        value={from}
        onChange={event => choose({ from: event.target.value })}
        slotProps={{ inputLabel: { shrink: true }, htmlInput: { max: to || now } }}
      />
      <TextField
        size="small"
        type="date"
        label={t('account.to')}
        value={to}
        onChange={event => choose({ to: event.target.value })}
        slotProps={{ inputLabel: { shrink: true }, htmlInput: { min: from, max: now } }}
      />
    </Box>
  );
}

/** The field shows what is typed at once, as input methods require. The address follows after a pause. */
function useSearchText(q: string, choose: Props['choose']) {
  const [text, setText] = useState(q);
  const sent = useRef(q);
  const send = useRef(choose);
  useEffect(() => {
    send.current = choose;
  });
  useEffect(() => {
    if (q === sent.current) return;
    sent.current = q;
    setText(q);
  }, [q]);
  useEffect(() => {
    if (text === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text;
      send.current({ q: text });
    }, WAIT_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return [text, setText] as const;
}
