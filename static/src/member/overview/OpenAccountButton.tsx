import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import FormControlLabel from '@mui/material/FormControlLabel';
import Radio from '@mui/material/Radio';
import RadioGroup from '@mui/material/RadioGroup';
import Typography from '@mui/material/Typography';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client';
import type { AccountType } from '../../api/types';
import { formatMoney } from '../../format/money';
import { useLanguage } from '../../i18n/member';
import { memberRequests, type RequestKind } from '../../submissions/requests';
import { useUnresolved } from '../../submissions/submit';
import { UnresolvedSubmissions } from '../../submissions/UnresolvedSubmissions';
import { useSubmit } from '../../submissions/useSubmit';
import { ErrorAlert } from '../components/ErrorAlert';
import { SkeletonRows } from '../components/SkeletonRows';
import { useAccountTypeName } from '../components/useAccountTypeName';

const FORMS: readonly RequestKind[] = ['account'];

/** A button that opens the dialog for a new account. */
export function OpenAccountButton({ prominent = false }: { prominent?: boolean }) {
  const { t } = useLanguage();
  const client = useQueryClient();
  const typeName = useAccountTypeName();
  const [open, setOpen] = useState(false);
  const [chosen, choose] = useState('');
  const isOpen = useUnresolved(FORMS).length > 0;
  const types = useQuery({ queryKey: ['account-types'], queryFn: api.accountTypes, enabled: open }).data?.data;
  const type = types?.find(({ code }) => code === chosen) ?? types?.[0];
  const { submit, isSubmitting, error } = useSubmit({
    onAnswered: () => {
      void client.invalidateQueries({ queryKey: ['accounts'] });
      setOpen(false);
    },
  });
  return (
    <>
      <Button
        variant={prominent ? 'contained' : 'outlined'}
        size={prominent ? 'large' : 'medium'}
        onClick={() => setOpen(true)}
      >
        {t('overview.open')}
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} fullWidth maxWidth="xs" aria-labelledby="open-account">
        <DialogTitle id="open-account">{t('overview.openTitle')}</DialogTitle>
        <DialogContent>
          <ErrorAlert error={error} />
          <UnresolvedSubmissions kinds={FORMS} onAnswered={() => setOpen(false)} />
          {!types && <SkeletonRows count={3} />}
          {!isOpen && (
            <RadioGroup aria-label={t('overview.type')} value={type?.code ?? ''} onChange={(_, value) => choose(value)}>
              {types?.map(found => (
                <FormControlLabel
                  key={found.code}
                  value={found.code}
                  control={<Radio />}
                  sx={{ py: 0.75, alignItems: 'flex-start' }}
                  label={<Offer type={found} />}
                />
              ))}
            </RadioGroup>
          )}
        </DialogContent>
        <DialogActions sx={{ p: 2.5 }}>
          <Button color="inherit" onClick={() => setOpen(false)}>
            {t('common.cancel')}
          </Button>
          <Button
            variant="contained"
            disabled={!type || isOpen}
            loading={isSubmitting}
            onClick={() => type && void submit(memberRequests.account(type.code, { name: typeName(type) }))}
          >
            {t('overview.open')}
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}

function Offer({ type }: { type: AccountType }) {
  const { t, language } = useLanguage();
  const typeName = useAccountTypeName();
  const currency = type.currency ?? '';
  const formatInCurrency = (minor: number) => formatMoney(minor, currency, type.scale ?? 0, language);
  const terms = [
    type.fee ? t('overview.typeFee', { fee: formatInCurrency(type.fee) }) : t('overview.typeFree'),
    type.limit_per_day ? t('overview.typeLimit', { limit: formatInCurrency(type.limit_per_day) }) : '',
    currency === 'KRW' ? '' : currency,
  ].filter(Boolean);
  return (
    <Box sx={{ pt: 1 }}>
      <Typography sx={{ fontWeight: 560 }}>{typeName(type)}</Typography>
      <Typography variant="caption" color="textSecondary">
        {terms.join(' · ')}
      </Typography>
    </Box>
  );
}
