import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { useMemo } from 'react';
import { encode } from 'uqr';
import type { TotpOffer } from '../../api/types';
import { useLanguage } from '../../i18n/member';

/** A QR code as one path, drawn here: the secret goes nowhere else. */
function QrCode({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => {
    const { data, size } = encode(text, { border: 3 });
    return { size, path: data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('') };
  }, [text]);
  return (
    <svg
      viewBox={`0 0 ${size} ${size}`}
      width={208}
      height={208}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

/** A secret to be put into an authenticator. */
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

/** The recovery codes, which are shown this once. */
export function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  const { t } = useLanguage();
  return (
    <Box>
      <Typography color="textSecondary" variant="body2" role="status" sx={{ mb: 2 }}>
        {t('settings.codesMore')}
      </Typography>
      <Box component="ul" sx={{ columns: 2, fontFamily: 'ui-monospace, monospace', listStyle: 'none', p: 0, mb: 2 }}>
        {codes.map(one => (
          <li key={one}>{one}</li>
        ))}
      </Box>
      <Button variant="contained" onClick={onKept}>
        {t('settings.codesKept')}
      </Button>
    </Box>
  );
}
