import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { LanguageProvider } from '../i18n';
import { Prove } from '../proof/ProofDialog';
import { SameMember } from '../session/MemberGuard';
import { ModeProvider } from '../theme/ThemeModeProvider';
import { Desk } from './App';

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <ModeProvider>
        <LanguageProvider>
          <SameMember>
            <Desk />
          </SameMember>
          <Prove />
        </LanguageProvider>
      </ModeProvider>
    </StrictMode>,
  );
}
