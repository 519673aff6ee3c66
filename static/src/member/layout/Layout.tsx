import AccountBalance from '@mui/icons-material/AccountBalanceOutlined';
import EventRepeat from '@mui/icons-material/EventRepeatOutlined';
import Logout from '@mui/icons-material/LogoutOutlined';
import SettingsIcon from '@mui/icons-material/SettingsOutlined';
import SwapHoriz from '@mui/icons-material/SwapHorizOutlined';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import type { ReactNode } from 'react';
import { NavLink, Link as RouterLink } from 'react-router';
import { useLanguage } from '../../i18n/member';
import { useBank } from '../providers/BankProvider';
import { useSignOut } from '../providers/session';
import { IncomingMoneySnackbar } from './IncomingMoneySnackbar';
import { Logo } from './Logo';

const LINKS = [
  { to: '/', text: 'nav.overview', Icon: AccountBalance },
  { to: '/transfer', text: 'nav.transfer', Icon: SwapHoriz },
  { to: '/schedules', text: 'nav.schedules', Icon: EventRepeat },
  { to: '/settings', text: 'nav.settings', Icon: SettingsIcon },
] as const;

function ConnectionStatus() {
  const { connected } = useBank();
  const { t } = useLanguage();
  return (
    <Box
      role="status"
      sx={{
        display: 'flex',
        alignItems: 'center',
        gap: 1,
        fontSize: '0.8125rem',
        color: 'text.secondary',
        minWidth: 92,
        justifyContent: 'flex-end',
      }}
    >
      <Box sx={{ width: 7, height: 7, borderRadius: 4, bgcolor: connected ? 'success.main' : 'warning.main' }} />
      {t(connected ? 'live.on' : 'live.off')}
    </Box>
  );
}

/** The layout of every page, with the navigation on the side or, on a phone, at the bottom. */
export function Layout({ children }: { children: ReactNode }) {
  const { t } = useLanguage();
  const { me } = useBank();
  const signOut = useSignOut();
  const link = (to: string, text: string, icon: ReactNode) => (
    <Box
      key={to}
      component={NavLink}
      to={to}
      end={to === '/'}
      sx={{
        display: 'flex',
        alignItems: 'center',
        gap: { xs: 0.25, md: 1.5 },
        flexDirection: { xs: 'column', md: 'row' },
        flex: { xs: 1, md: 'none' },
        color: 'text.secondary',
        textDecoration: 'none',
        px: { xs: 0.5, md: 1.5 },
        py: 1,
        borderRadius: 2.5,
        fontWeight: 560,
        fontSize: { xs: '0.75rem', md: '0.9375rem' },
        textAlign: 'center',
        minWidth: 0,
        '&:hover': { color: 'text.primary' },
        '&:focus-visible': { outline: '2px solid', outlineColor: 'primary.main' },
        '&.active': { color: 'primary.main', bgcolor: { md: 'action.hover' } },
      }}
    >
      {icon}
      <span>{text}</span>
    </Box>
  );
  return (
    <Box
      sx={{
        display: { md: 'grid' },
        gridTemplateColumns: '232px minmax(0, 1fr)',
        minHeight: '100vh',
        '@media print': { display: 'block' },
      }}
    >
      <Box
        component="a"
        href="#content"
        sx={{
          position: 'absolute',
          left: -9999,
          '&:focus': { left: 16, top: 12, zIndex: 2000, bgcolor: 'background.paper', p: 1.5, borderRadius: 2 },
        }}
      >
        {t('nav.skip')}
      </Box>
      <Box
        component="aside"
        className="no-print"
        sx={{
          display: { xs: 'contents', md: 'flex' },
          flexDirection: 'column',
          gap: 4,
          p: 3,
          position: 'sticky',
          top: 0,
          height: '100vh',
          boxSizing: 'border-box',
          borderRight: 1,
          borderColor: 'divider',
        }}
      >
        <Box sx={{ display: { xs: 'none', md: 'block' }, px: 1.5 }}>
          <Logo />
        </Box>
        <Box
          component="nav"
          aria-label={t('nav.main')}
          sx={{
            display: 'flex',
            flexDirection: { xs: 'row', md: 'column' },
            gap: 0.5,
            position: { xs: 'fixed', md: 'static' },
            bottom: 0,
            left: 0,
            right: 0,
            zIndex: 1100,
            bgcolor: { xs: 'background.paper', md: 'transparent' },
            borderTop: { xs: '1px solid', md: 'none' },
            borderTopColor: { xs: 'divider' },
            px: { xs: 0.5, md: 0 },
            pt: { xs: 0.5, md: 0 },
            pb: { xs: 'max(4px, env(safe-area-inset-bottom))', md: 0 },
          }}
        >
          {LINKS.map(({ to, text, Icon }) => link(to, t(text), <Icon fontSize="small" />))}
        </Box>
        <Box
          sx={{
            mt: 'auto',
            display: { xs: 'none', md: 'flex' },
            flexDirection: 'column',
            gap: 1,
            alignItems: 'flex-start',
          }}
        >
          {me.role !== 'member' && (
            <Button href="/staff/" color="inherit">
              {t('nav.staff')}
            </Button>
          )}
          <Button color="inherit" startIcon={<Logout />} onClick={signOut}>
            {t('nav.signOut')}
          </Button>
        </Box>
      </Box>
      <Box sx={{ minWidth: 0, pb: { xs: 11, md: 6 } }}>
        <Box
          component="header"
          className="no-print"
          sx={{
            display: 'flex',
            alignItems: 'center',
            justifyContent: 'space-between',
            px: { xs: 2, sm: 4 },
            height: 64,
          }}
        >
          <Box component={RouterLink} to="/" sx={{ textDecoration: 'none', display: { md: 'none' } }}>
            <Logo />
          </Box>
          <Box sx={{ ml: 'auto', display: 'flex', alignItems: 'center', gap: 1.5 }}>
            <ConnectionStatus />
            {me.role !== 'member' && (
              <Button href="/staff/" color="inherit" size="small" sx={{ display: { md: 'none' } }}>
                {t('nav.staff')}
              </Button>
            )}
            <Button color="inherit" size="small" onClick={signOut} sx={{ display: { md: 'none' } }}>
              {t('nav.signOut')}
            </Button>
          </Box>
        </Box>
        <Box component="main" id="content" sx={{ px: { xs: 2, sm: 4 }, maxWidth: 1080, mx: 'auto' }}>
          {children}
        </Box>
      </Box>
      <IncomingMoneySnackbar />
    </Box>
  );
}
