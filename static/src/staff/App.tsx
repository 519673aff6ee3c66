import { useTheme } from '@mui/material/styles';
import { QueryClient } from '@tanstack/react-query';
import { lazy, useMemo } from 'react';
import { Admin, CustomRoutes, Resource } from 'react-admin';
import { createBrowserRouter, Route, RouterProvider } from 'react-router-dom';
import { useLanguage } from '../i18n/staff';
import { accountTypes } from './account-types';
import { accounts } from './accounts';
import { audit } from './audit';
import { DashboardPage } from './dashboard/DashboardPage';
import { LoginRedirect } from './LoginRedirect';
import { StaffLayout } from './layout/StaffLayout';
import { members } from './members';
import { authProvider } from './providers/authProvider';
import { dataProvider } from './providers/dataProvider';
import { createI18nProvider } from './providers/i18nProvider';
import { schedules } from './schedules';
import { tokens } from './tokens';
import { holds, transfers } from './transfers';

const CounterPage = lazy(() => import('./counter/CounterPage'));
const EnginePage = lazy(() => import('./engine/EnginePage'));
const ActorPage = lazy(() => import('./engine/ActorPage'));

/** Only a lost connection is worth a retry. */
const shouldRetry = (count: number, error: unknown) => count < 2 && ((error as { status?: number }).status ?? 0) === 0;

const client = new QueryClient({ defaultOptions: { queries: { retry: shouldRetry, refetchOnWindowFocus: false } } });

function StaffAdmin() {
  const theme = useTheme();
  const { language, t } = useLanguage();
  const i18nProvider = useMemo(() => createI18nProvider(language, t), [language, t]);
  return (
    <Admin
      dataProvider={dataProvider}
      authProvider={authProvider}
      i18nProvider={i18nProvider}
      queryClient={client}
      layout={StaffLayout}
      dashboard={DashboardPage}
      loginPage={LoginRedirect}
      lightTheme={theme}
      darkTheme={null}
      disableTelemetry
      requireAuth
      title=""
    >
      <Resource {...members} />
      <Resource {...accounts} />
      <Resource {...transfers} />
      <Resource {...holds} />
      <Resource {...schedules} />
      <Resource {...accountTypes} />
      <Resource {...tokens} />
      <Resource {...audit} />
      <CustomRoutes>
        <Route path="/counter" element={<CounterPage />} />
        <Route path="/engine" element={<EnginePage />} />
        <Route path="/engine/actors/:number" element={<ActorPage />} />
      </CustomRoutes>
    </Admin>
  );
}

// Only a data router can block leaving a form with changes.
const router = createBrowserRouter([{ path: '*', element: <StaffAdmin /> }], { basename: '/staff' });

/** The staff's part. */
export const App = () => <RouterProvider router={router} />;
