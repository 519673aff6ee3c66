import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { useLanguage } from '../../i18n/staff';
import { useCan } from '../hooks/useCan';
import { PageHeader } from '../layout/PageHeader';
import { CashForm } from './CashForm';
import { HoldForm } from './HoldForm';
import { LinkedForm } from './LinkedForm';

const KINDS = ['deposit', 'withdrawal', 'hold', 'linked'] as const;
type Kind = (typeof KINDS)[number];

/** The counter: cash deposits and withdrawals, holds and linked transfers. */
export default function CounterPage() {
  const { t } = useLanguage();
  const can = useCan();
  const [params, setParams] = useSearchParams();
  const [number, setNumber] = useState(params.get('account') ?? '');
  const kind = KINDS.find(one => one === params.get('kind')) ?? 'deposit';
  const choose = (next: Kind | null) =>
    next && setParams(before => ({ ...Object.fromEntries(before), kind: next }), { replace: true });
  if (!can('create', 'counter')) return <Alert severity="info">{t('ra.message.access_denied')}</Alert>;
  const head = (
    <ToggleButtonGroup
      exclusive
      fullWidth
      size="small"
      sx={{ '& .MuiToggleButton-root': { color: 'text.primary' } }}
      aria-label={t('resources.transfers.fields.kind')}
      value={kind}
      onChange={(_, next: Kind | null) => choose(next)}
    >
      {KINDS.map(one => (
        <ToggleButton key={one} value={one}>
          {t(`staff.kind.${one}`)}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
  return (
    <Box
      sx={{
        display: 'grid',
        gap: 2.5,
        gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'minmax(0, 520px) minmax(0, 420px)' },
        alignItems: 'start',
      }}
    >
      <Box sx={{ gridColumn: '1 / -1' }}>
        <PageHeader title={t('staff.counter')} />
      </Box>
      {kind === 'linked' ? (
        <LinkedForm head={head} number={number} />
      ) : kind === 'hold' ? (
        <HoldForm head={head} number={number} setNumber={setNumber} />
      ) : (
        <CashForm kind={kind} head={head} number={number} setNumber={setNumber} />
      )}
    </Box>
  );
}
