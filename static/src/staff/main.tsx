import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { LanguageProvider } from '../i18n';
import { ModeProvider } from '../theme/Mode';
import { Desk } from './Desk';

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <ModeProvider>
        <LanguageProvider>
          <Desk />
        </LanguageProvider>
      </ModeProvider>
    </StrictMode>,
  );
}
