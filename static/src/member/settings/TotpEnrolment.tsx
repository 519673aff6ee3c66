import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { TotpOffer } from '../../api/types';
import { useLanguage } from '../../i18n/member';
import { QrCode } from './QrCode';

/** The secret for an authenticator app, as QR code and as text. */
export function TotpEnrolment({ offer }: { offer: TotpOffer }) {
  const { t } = useLanguage();
  return (
    <>
      <Typography variant="body2">{t('settings.scan')}</Typography>
      <QrCode text={offer.uri} label={t('settings.qr')} />
      <Typography variant="body2">
        {t('settings.key')}:{' '}
        <Box component="code" sx={{ overflowWrap: 'anywhere' }}>
          {offer.secret}
        </Box>
      </Typography>
    </>
  );
}
