import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { LanguageProvider } from '../i18n';
import { ProofDialog } from '../proof/ProofDialog';
import { MemberGuard } from '../session/MemberGuard';
import { ThemeModeProvider } from '../theme/ThemeModeProvider';
import { App } from './App';

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <ThemeModeProvider>
        <LanguageProvider>
          <MemberGuard>
            <App />
          </MemberGuard>
          <ProofDialog />
        </LanguageProvider>
      </ThemeModeProvider>
    </StrictMode>,
  );
}
