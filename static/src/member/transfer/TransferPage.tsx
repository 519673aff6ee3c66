import { useNavigate } from 'react-router';
import type { Transfer as Sent } from '../../api/types';
import { useLanguage } from '../../i18n/member';
import type { RequestKind as FormName } from '../../submissions/requests';
import { useUnresolved } from '../../submissions/submit';
import { UnresolvedSubmissions } from '../../submissions/UnresolvedSubmissions';
import { Card } from '../components/Card';
import { EmptyState } from '../components/EmptyState';
import { Page } from '../components/Page';
import { SkeletonRows } from '../components/SkeletonRows';
import { OpenAccountButton } from '../overview/OpenAccountButton';
import { useAccounts } from '../providers/useAccounts';
import { TransferForm } from './TransferForm';

const FORMS: readonly FormName[] = ['transfer'];

/** The page for a transfer. Unresolved transfers have to be finished first. */
export function TransferPage() {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const isOpen = useUnresolved(FORMS).length > 0;
  const usable = useAccounts()?.filter(account => account.status !== 'closed');
  return (
    <Page title={t('transfer.title')}>
      <UnresolvedSubmissions kinds={FORMS} onAnswered={sent => void navigate(`/transfers/${(sent as Sent).id}`)} />
      {!usable && (
        <Card flush sx={{ minHeight: 480 }}>
          <SkeletonRows count={5} height={88} />
        </Card>
      )}
      {usable?.length === 0 && (
        <Card>
          <EmptyState action={<OpenAccountButton prominent />}>{t('transfer.noAccount')}</EmptyState>
        </Card>
      )}
      {usable && usable.length > 0 && !isOpen && <TransferForm accounts={usable} />}
    </Page>
  );
}
