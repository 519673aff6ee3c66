import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { LanguageProvider } from '../i18n';
import { SameMember } from '../identity/SameMember';
import { Prove } from '../proof/Prove';
import { ModeProvider } from '../theme/Mode';
import { Desk } from './Desk';

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
