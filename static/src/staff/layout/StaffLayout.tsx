import DarkMode from '@mui/icons-material/DarkModeOutlined';
import LightMode from '@mui/icons-material/LightModeOutlined';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import { type Theme, useTheme } from '@mui/material/styles';
import useMediaQuery from '@mui/material/useMediaQuery';
import type { ReactNode } from 'react';
import { AppBar, Layout, Loading, Logout, UserMenu } from 'react-admin';
import { Link } from 'react-router-dom';
import { LANGUAGE_NAMES } from '../../i18n/language';
import { useLanguage } from '../../i18n/staff';
import { STAFF_REQUESTS } from '../../submissions/requests';
import { UnresolvedSubmissions } from '../../submissions/UnresolvedSubmissions';
import { useThemeMode } from '../../theme/ThemeModeProvider';
import { useBankMeta } from '../hooks/useBankMeta';
import { ErrorPage } from './ErrorPage';
import { ResponsiveSidebar } from './ResponsiveSidebar';
import { StaffMenu } from './StaffMenu';

function StaffAppBar() {
  const { t, language, setLanguage } = useLanguage();
  const { setMode } = useThemeMode();
  const wide = useMediaQuery((theme: Theme) => theme.breakpoints.up('sm'));
  const dark = useTheme().palette.mode === 'dark';
  const other = language === 'ko' ? 'en' : 'ko';
  return (
    <AppBar
      userMenu={
        <UserMenu label={wide ? '' : 'ra.auth.user_menu'}>
          <Logout />
        </UserMenu>
      }
      color="default"
      elevation={0}
      alwaysOn
      sx={{
        borderBottom: 1,
        borderColor: 'divider',
        bgcolor: 'background.default',
        color: 'text.primary',
        '& .RaAppBar-title': { display: 'none' },
      }}
      toolbar={
        <>
          <IconButton
            color="inherit"
            size="small"
            aria-label={t(dark ? 'staff.light' : 'staff.dark')}
            onClick={() => setMode(dark ? 'light' : 'dark')}
          >
            {dark ? <LightMode fontSize="small" /> : <DarkMode fontSize="small" />}
          </IconButton>
          <Button color="inherit" size="small" lang={other} onClick={() => setLanguage(other)} sx={{ minWidth: 44 }}>
            {LANGUAGE_NAMES[other]}
          </Button>
          <Button color="inherit" size="small" href="/" sx={{ display: { xs: 'none', sm: 'inline-flex' } }}>
            {t('staff.memberSite')}
          </Button>
        </>
      }
    >
      <Box
        component={Link}
        to="/"
        sx={{
          display: 'flex',
          alignItems: 'center',
          gap: 1.25,
          color: 'inherit',
          textDecoration: 'none',
          fontWeight: 640,
          letterSpacing: '-0.01em',
        }}
      >
        <img src="/mark.svg" width={26} height={26} alt="" />
        {t('staff.title')}
      </Box>
      <Box sx={{ flexGrow: 1 }} />
    </AppBar>
  );
}

/** Renders the pages once the bank's time zone and currencies are known. */
function RequireBankMeta({ children }: { children: ReactNode }) {
  const { data, error } = useBankMeta();
  if (data) return children;
  return error ? <ErrorPage error={error} /> : <Loading />;
}

/** The layout of every page. */
export const StaffLayout = ({ children }: { children: ReactNode }) => (
  <Layout
    appBar={StaffAppBar}
    menu={StaffMenu}
    sidebar={ResponsiveSidebar}
    error={ErrorPage}
    sx={{
      '& .RaLayout-contentWithSidebar': { minWidth: 0 },
      '& .RaLayout-content': {
        p: { xs: 2, sm: 3 },
        pt: { xs: 2, sm: 2.5 },
        minWidth: 0,
        bgcolor: 'background.default',
      },
    }}
  >
    <Box sx={{ pb: 6, minWidth: 0, width: '100%' }}>
      <RequireBankMeta>
        <UnresolvedSubmissions kinds={STAFF_REQUESTS} />
        {children}
      </RequireBankMeta>
    </Box>
  </Layout>
);
