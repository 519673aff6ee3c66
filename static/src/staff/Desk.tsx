import { useTheme } from '@mui/material/styles';
import { lazy } from 'react';
import { Admin, CustomRoutes, Resource } from 'react-admin';
import { BrowserRouter, Route } from 'react-router-dom';
import { Home } from './Home';
import { Leave } from './Leave';
import { StaffLayout } from './Layout';
import { authProvider, dataProvider, i18nProvider } from './providers';
import { accounts } from './resources/accounts';
import { accountTypes } from './resources/accountTypes';
import { audit } from './resources/audit';
import { members } from './resources/members';
import { tokens } from './resources/tokens';
import { transfers } from './resources/transfers';

const Counter = lazy(() => import('./Counter'));
const Engine = lazy(() => import('./engine/Engine'));

/** The staff's part. */
export function Desk() {
  const theme = useTheme();
  return (
    <BrowserRouter basename="/staff">
      <Admin
        dataProvider={dataProvider} authProvider={authProvider} i18nProvider={i18nProvider} layout={StaffLayout} dashboard={Home} loginPage={Leave}
        lightTheme={theme} darkTheme={null} disableTelemetry requireAuth title=""
      >
        <Resource {...members} />
        <Resource {...accounts} />
        <Resource {...accountTypes} />
        <Resource {...transfers} />
        <Resource {...tokens} />
        <Resource {...audit} />
        <CustomRoutes>
          <Route path="/counter" element={<Counter />} />
          <Route path="/engine" element={<Engine />} />
        </CustomRoutes>
      </Admin>
    </BrowserRouter>
  );
}
