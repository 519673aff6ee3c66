import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import { amountToInput, parseAmount } from '../../format/amountInput';
import { useLanguage } from '../../i18n/member';
import { Card } from '../components/Card';
import { ErrorAlert } from '../components/ErrorAlert';
import { useBank } from '../providers/BankProvider';
import { useAccounts } from '../providers/useAccounts';

/** The amounts above which a transfer requires the password again, one per currency of the member's accounts. */
export function ProofThreshold() {
  const accounts = useAccounts();
  const { me } = useBank();
  if (!accounts) return null;
  const scales = new Map(
    accounts.filter(({ status }) => status !== 'closed').map(({ currency, scale }) => [currency, scale]),
  );
  return scales.size > 0 && <Limits key={JSON.stringify(me.proof_above)} scales={scales} />;
}

function Limits({ scales }: { scales: Map<string, number> }) {
  const { t } = useLanguage();
  const { me } = useBank();
  const client = useQueryClient();
  const before = (currency: string, scale: number) => {
    const limit = me.proof_above[currency];
    return limit === undefined ? '' : amountToInput(limit, scale);
  };
  const [texts, setTexts] = useState(
    () => new Map([...scales].map(([currency, scale]) => [currency, before(currency, scale)])),
  );
  const read = [...scales].map(([currency, scale]) => ({
    currency,
    text: texts.get(currency) ?? '',
    ...parseAmount(texts.get(currency) ?? '', scale, currency),
  }));
  const isWrong = ({ text, error }: { text: string; error: string | null }) => text.trim() !== '' && error !== null;
  const saving = useMutation({
    mutationFn: () => {
      const others = Object.entries(me.proof_above).filter(([currency]) => !scales.has(currency));
      const own = read.flatMap(({ currency, minor }) => (minor === null ? [] : [[currency, minor] as const]));
      return api.changeMe({ proof_above: Object.fromEntries([...others, ...own]) });
    },
    onSuccess: member => client.setQueryData(['session'], member),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!read.some(isWrong)) saving.mutate();
  };
  return (
    <Card title={t('settings.proofAbove')}>
      <Typography color="textSecondary" variant="body2" sx={{ mb: 2 }}>
        {t('settings.proofAboveMore')}
      </Typography>
      <Box component="form" onSubmit={submit} sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 2 }}>
        <ErrorAlert error={saving.error} />
        {read.map(one => (
          <TextField
            key={one.currency}
            name={`above_${one.currency}`}
            label={t('settings.proofAboveField', { currency: one.currency })}
            value={one.text}
            error={isWrong(one)}
            autoComplete="off"
            onChange={event => setTexts(new Map(texts).set(one.currency, event.target.value))}
            slotProps={{ htmlInput: { inputMode: 'decimal' } }}
          />
        ))}
        <Box>
          <Button type="submit" variant="outlined" loading={saving.isPending}>
            {t('common.save')}
          </Button>
        </Box>
      </Box>
    </Card>
  );
}
