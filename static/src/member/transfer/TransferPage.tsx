import { useNavigate } from 'react-router';
import type { Transfer as Sent } from '../../api/types';
import { useLanguage } from '../../i18n/index';
import type { Form as FormName } from '../../submissions/requests';
import { useOpenOrders } from '../../submissions/submit';
import { Unanswered } from '../../submissions/UnresolvedSubmissions';
import { Card, Empty, Page, Rows } from '../components/parts';
import { OpenAccount } from '../overview/OpenAccountButton';
import { useAccounts } from '../providers/session';
import { Form } from './TransferForm';

const FORMS: readonly FormName[] = ['transfer'];

/** Sending money; first of all, finishing what has no answer yet. */
export function Transfer() {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const isOpen = useOpenOrders(FORMS).length > 0;
  const usable = useAccounts()?.filter(account => account.status !== 'closed');
  return (
    <Page title={t('transfer.title')}>
      <Unanswered forms={FORMS} onAnswered={(_, sent) => void navigate(`/transfers/${(sent as Sent).id}`)} />
      {!usable && (
        <Card flush sx={{ minHeight: 480 }}>
          <Rows count={5} height={88} />
        </Card>
      )}
      {usable?.length === 0 && (
        <Card>
          <Empty action={<OpenAccount prominent />}>{t('transfer.noAccount')}</Empty>
        </Card>
      )}
      {usable && usable.length > 0 && !isOpen && <Form accounts={usable} />}
    </Page>
  );
}
