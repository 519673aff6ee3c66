import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { SaveButton } from 'react-admin';
import { Link } from 'react-router-dom';
import { useLanguage } from '../../i18n/staff';

export function FormButtons({ back }: { back: string }) {
  const { t } = useLanguage();
  return (
    <Box
      sx={{
        display: 'flex',
        gap: 1,
        justifyContent: 'flex-end',
        px: 3,
        py: 2,
        borderTop: 1,
        borderColor: 'divider',
        bgcolor: 'background.paper',
        borderRadius: '0 0 16px 16px',
        position: 'sticky',
        bottom: 0,
        zIndex: 1,
      }}
    >
      <Button component={Link} to={back} color="inherit">
        {t('ra.action.cancel')}
      </Button>
      <SaveButton icon={null} />
    </Box>
  );
}
