import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { toApiError } from '../api/apiError';
import { I18nProvider } from '../i18n/I18nProvider';
import { memberCatalogues } from '../i18n/member';
import { ProofDialog } from '../proof/ProofDialog';
import { MemberGuard } from '../session/MemberGuard';
import { ThemeModeProvider } from '../theme/ThemeModeProvider';
import { App } from './App';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A permanent error would only repeat itself.
      retry: (count, error) => !toApiError(error).isPermanent && count < 4,
      retryDelay: count => Math.min(8_000, 400 * 2 ** count),
    },
  },
});

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <ThemeModeProvider>
          <I18nProvider catalogues={memberCatalogues}>
            <BrowserRouter>
              <MemberGuard>
                <App />
              </MemberGuard>
              <ProofDialog />
            </BrowserRouter>
          </I18nProvider>
        </ThemeModeProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
