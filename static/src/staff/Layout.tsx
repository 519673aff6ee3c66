import Insights from '@mui/icons-material/InsightsOutlined';
import PointOfSale from '@mui/icons-material/PointOfSaleOutlined';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Divider from '@mui/material/Divider';
import type { ReactNode } from 'react';
import { AppBar, Layout, Menu, TitlePortal, useLocaleState, usePermissions, useTranslate } from 'react-admin';
import { useLanguage } from '../i18n';

function Bar() {
  const t = useTranslate();
  const [locale, setLocale] = useLocaleState();
  const { setLanguage } = useLanguage();
  const other = locale === 'ko' ? 'en' : 'ko';
  return (
    <AppBar color="default" elevation={0} sx={{ borderBottom: 1, borderColor: 'divider', bgcolor: 'background.default', color: 'text.primary' }} toolbar={
      <>
        <Button color="inherit" size="small" lang={other} onClick={() => { setLanguage(other); setLocale(other); }}>{t('staff.language')}</Button>
        <Button color="inherit" size="small" href="/">{t('staff.member_site')}</Button>
      </>
    }>
      <img src="/mark.svg" width={26} height={26} alt="" />
      <TitlePortal component="h1" sx={{ ml: 1.5, fontWeight: 640, fontSize: '1.0625rem' }} />
    </AppBar>
  );
}

function Places() {
  const t = useTranslate();
  const { permissions } = usePermissions<string>();
  return (
    <Menu>
      <Menu.DashboardItem />
      <Menu.ResourceItems />
      <Divider sx={{ my: 1 }} />
      {(permissions === 'teller' || permissions === 'admin') && <Menu.Item to="/counter" primaryText={t('staff.counter')} leftIcon={<PointOfSale />} />}
      <Menu.Item to="/engine" primaryText={t('staff.engine')} leftIcon={<Insights />} />
    </Menu>
  );
}

export const StaffLayout = ({ children }: { children: ReactNode }) => (
  <Layout appBar={Bar} menu={Places} sx={{ '& .RaLayout-content': { p: { xs: 1.5, sm: 3 }, pt: 1 }, '& .RaMenuItemLink-active': { color: 'primary.main' } }}><Box sx={{ pb: 4 }}>{children}</Box></Layout>
);
