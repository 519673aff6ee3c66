import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { lazy, Suspense } from 'react';
import { Route, Link as RouterLink, Routes, useLocation } from 'react-router';
import { useLanguage } from '../i18n/member';
import { AccountPage } from './account/AccountPage';
import { NewPasswordPage } from './auth/NewPasswordPage';
import { SignInPage } from './auth/SignInPage';
import { SignUpPage } from './auth/SignUpPage';
import { ErrorAlert } from './components/ErrorAlert';
import { Page } from './components/Page';
import { Layout } from './layout/Layout';
import { OverviewPage } from './overview/OverviewPage';
import { BankProvider } from './providers/BankProvider';
import { useMeta, useSession } from './providers/session';
import { ReceiptPage } from './receipt/ReceiptPage';
import { TransferPage } from './transfer/TransferPage';

const SecondFactorPage = lazy(() => import('./auth/SecondFactorPage'));
const SetUpPage = lazy(() => import('./auth/SetUpPage'));
const SettingsPage = lazy(() => import('./settings/SettingsPage'));
const SchedulesPage = lazy(() => import('./schedules/SchedulesPage'));

/** The members' part. Whoever is not signed in sees the sign-in page at any address, and the address afterwards. */
export function App() {
  const session = useSession();
  const bank = useMeta();
  const { pathname } = useLocation();
  const { t } = useLanguage();
  const me = session.data;
  const meta = bank.data;
  if (me === undefined || !meta) {
    const failure = session.failureReason ?? bank.failureReason;
    return (
      <Box role="status" aria-label={t('common.loading')} sx={{ minHeight: '100vh', maxWidth: 480, mx: 'auto', p: 3 }}>
        <ErrorAlert error={failure} />
      </Box>
    );
  }
  if (pathname === '/setup' && !me)
    return (
      <Suspense fallback={null}>
        <SetUpPage meta={meta} />
      </Suspense>
    );
  if (!me) return pathname === '/sign-up' && meta.sign_up ? <SignUpPage meta={meta} /> : <SignInPage meta={meta} />;
  if (me.password_due) return <NewPasswordPage me={me} meta={meta} />;
  if (me.totp_due)
    return (
      <Suspense fallback={null}>
        <SecondFactorPage me={me} meta={meta} />
      </Suspense>
    );
  return (
    <BankProvider key={me.id} me={me} meta={meta}>
      <Layout>
        <Suspense fallback={<Box sx={{ minHeight: '70vh' }} />}>
          <Routes>
            <Route index element={<OverviewPage />} />
            <Route path="sign-up" element={<OverviewPage />} />
            <Route path="setup" element={<OverviewPage />} />
            <Route path="accounts/:number" element={<AccountPage />} />
            <Route path="transfer" element={<TransferPage />} />
            <Route path="transfers/:id" element={<ReceiptPage />} />
            <Route path="schedules" element={<SchedulesPage />} />
            <Route path="settings" element={<SettingsPage />} />
            <Route
              path="*"
              element={
                <Page title={t('error.notFoundPage')}>
                  <Button component={RouterLink} to="/" variant="contained">
                    {t('nav.overview')}
                  </Button>
                </Page>
              }
            />
          </Routes>
        </Suspense>
      </Layout>
    </BankProvider>
  );
}
