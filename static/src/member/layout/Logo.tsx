import Box from '@mui/material/Box';
import { useLanguage } from '../../i18n/member';

/** The bank's logo and name. */
export function Logo() {
  const { t } = useLanguage();
  return (
    <Box
      component="span"
      sx={{
        display: 'inline-flex',
        alignItems: 'center',
        gap: 1.25,
        fontWeight: 680,
        fontSize: '1.0625rem',
        letterSpacing: '-0.015em',
        color: 'text.primary',
      }}
    >
      <img src="/mark.svg" width={28} height={28} alt="" />
      {t('app.name')}
    </Box>
  );
}
