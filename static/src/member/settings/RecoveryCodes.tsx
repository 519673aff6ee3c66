import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { useLanguage } from '../../i18n/member';

/** The recovery codes, which are shown only once. */
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
