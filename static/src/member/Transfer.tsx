import { useState } from 'react';
import { useLanguage } from '../i18n';
import type { Attempt } from '../send/attempt';
import { OpenAccount } from './OpenAccount';
import { Card, Empty, Page, Rows } from './parts';
import { useAccounts, useBank } from './session';
import { Form } from './transfer/Form';
import { Unanswered } from './transfer/Unanswered';

/** Sending money; first of all, finishing what has no answer yet. */
export function Transfer() {
  const { t } = useLanguage();
  const { attempts } = useBank();
  const [open, setOpen] = useState<Attempt | null>(() => attempts.open());
  const usable = useAccounts()?.filter(account => account.status !== 'closed');
  return (
    <Page title={t('transfer.title')}>
      {!usable && <Card flush sx={{ minHeight: 480 }}><Rows count={5} height={88} /></Card>}
      {usable?.length === 0 && <Card><Empty action={<OpenAccount prominent />}>{t('transfer.noAccount')}</Empty></Card>}
      {usable && usable.length > 0 && (open
        ? <Unanswered attempt={open} accounts={usable} onOver={() => setOpen(null)} />
        : <Form accounts={usable} onUnanswered={() => setOpen(attempts.open())} />)}
    </Page>
  );
}
