import ArrowBack from '@mui/icons-material/ArrowBackOutlined';
import Box from '@mui/material/Box';
import IconButton from '@mui/material/IconButton';
import Typography from '@mui/material/Typography';
import { type ReactNode, useEffect } from 'react';
import { Link } from 'react-router-dom';
import { useLanguage } from '../../i18n/staff';

interface Props {
  title: string;
  /** Shown beside the heading, such as a status. */
  mark?: ReactNode;
  note?: ReactNode;
  aside?: ReactNode;
  /** The path of the back button. */
  back?: string;
}

/** The heading of a page, with its actions. */
export function PageHeader({ title, mark, note, aside, back }: Props) {
  const { t } = useLanguage();
  // A page starts at its top. `scrollTo` returns a promise in newer browsers, which must not become the effect's
  // clean-up.
  useEffect(() => {
    scrollTo(0, 0);
  }, []);
  useEffect(() => {
    document.title = `${title} · ${t('staff.title')}`;
  }, [title, t]);
  return (
    <Box
      component="header"
      sx={{ display: 'flex', gap: 1.5, alignItems: 'flex-start', flexWrap: 'wrap', minHeight: 44 }}
    >
      <Box sx={{ display: 'flex', gap: 1.5, alignItems: 'flex-start', minWidth: 0, flexGrow: 1 }}>
        {back && (
          <IconButton component={Link} to={back} aria-label={t('ra.action.back')} sx={{ ml: -1, mt: -0.25 }}>
            <ArrowBack />
          </IconButton>
        )}
        <Box sx={{ minWidth: 0, flexGrow: 1 }}>
          <Box sx={{ display: 'flex', gap: 1.25, alignItems: 'center', flexWrap: 'wrap' }}>
            <Typography variant="h1" sx={{ overflowWrap: 'anywhere' }}>
              {title}
            </Typography>
            {mark}
          </Box>
          <Typography variant="body2" color="textSecondary" component="div" sx={{ minHeight: 22 }}>
            {note}
          </Typography>
        </Box>
      </Box>
      {aside && <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>{aside}</Box>}
    </Box>
  );
}
