import Box from '@mui/material/Box';
import { lazy, Suspense, useEffect } from 'react';
import { Route, Routes } from 'react-router';
import { useLanguage } from '../i18n';
import { AccountPage } from './AccountPage';
import { Frame } from './Frame';
import { Overview } from './Overview';
import { Page } from './parts';
import { Receipt } from './Receipt';
import { BankProvider, useMeta, useSession } from './session';
import { SignIn } from './SignIn';
import { Transfer } from './Transfer';

const Settings = lazy(() => import('./settings/Settings'));
const Schedules = lazy(() => import('./Schedules'));

/** The member's part: who is not signed in signs in, whatever the address, and is then where they wanted to be. */
export function App() {
  const me = useSession();
  const meta = useMeta();
  const { t, language } = useLanguage();
  useEffect(() => {
    document.title = t('app.name');
  }, [language, t]);
  if (me === undefined || !meta) return <Box role="status" aria-label={t('common.loading')} sx={{ minHeight: '100vh' }} />;
  if (me === null) return <SignIn meta={meta} />;
  return (
    <BankProvider key={me.id} me={me} meta={meta}>
      <Frame>
        <Suspense fallback={<Box sx={{ minHeight: '70vh' }} />}>
          <Routes>
            <Route index element={<Overview />} />
            <Route path="sign-up" element={<Overview />} />
            <Route path="accounts/:number" element={<AccountPage />} />
            <Route path="transfer" element={<Transfer />} />
            <Route path="transfers/:id" element={<Receipt />} />
            <Route path="schedules" element={<Schedules />} />
            <Route path="settings" element={<Settings />} />
            <Route path="*" element={<Page title={t('error.notFoundPage')}>{null}</Page>} />
          </Routes>
        </Suspense>
      </Frame>
    </BankProvider>
  );
}
