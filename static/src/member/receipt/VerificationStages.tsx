import Box from '@mui/material/Box';
import type { Transfer } from '../../api/types';
import { useLanguage } from '../../i18n/member';

/** The stages of a transfer with verification; nothing for one that was carried out at once. */
export function VerificationStages({ transfer }: { transfer: Transfer }) {
  const { t } = useLanguage();
  const { status } = transfer;
  if (!transfer.requires_verification) return null;
  const at = status === 'pending' ? 1 : 2;
  const end = at === 1 ? t('status.posted') : t(`status.${status}`);
  return (
    <Box
      component="ol"
      className="no-print"
      sx={{ listStyle: 'none', p: 0, my: 1.5, display: 'flex', justifyContent: 'center', fontSize: '0.8125rem' }}
    >
      {[t('receipt.accepted'), t('status.pending'), end].map((name, stage) => (
        <Box
          key={name}
          component="li"
          aria-current={stage === at ? 'step' : undefined}
          sx={{
            display: 'flex',
            alignItems: 'center',
            color: stage <= at ? 'text.primary' : 'text.secondary',
            fontWeight: stage === at ? 620 : 450,
            '&:not(:first-of-type)::before': {
              content: '""',
              width: { xs: 18, sm: 32 },
              height: 2,
              mx: 1,
              bgcolor: stage <= at ? 'primary.main' : 'divider',
            },
          }}
        >
          {name}
        </Box>
      ))}
    </Box>
  );
}
