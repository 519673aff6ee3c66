import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { I18nProvider } from '../i18n/I18nProvider';
import { staffCatalogues } from '../i18n/staff';
import { ProofDialog } from '../proof/ProofDialog';
import { MemberGuard } from '../session/MemberGuard';
import { ThemeModeProvider } from '../theme/ThemeModeProvider';
import { App } from './App';

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <ThemeModeProvider>
        <I18nProvider catalogues={staffCatalogues}>
          <MemberGuard>
            <App />
          </MemberGuard>
          <ProofDialog />
        </I18nProvider>
      </ThemeModeProvider>
    </StrictMode>,
  );
}
