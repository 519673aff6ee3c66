import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router-dom';
import { fetchJson } from '../../api/http';
import type { Entry, List } from '../../api/types';
import { useFieldNames, useLanguage } from '../../i18n/staff';
import { AccountLink } from '../fields/AccountLink';
import { DateTime } from '../fields/DateTime';
import { InlineLink } from '../fields/InlineLink';
import { Money } from '../fields/Money';
import { transferId } from '../providers/transferId';
import { Card } from '../record/Card';
import { SimpleTable } from '../record/SimpleTable';

/** Kinds of entries about the account itself. */
const WITHOUT_TRANSFER = new Set(['opened', 'changed', 'amended']);

/** The latest entries of an account, each with the balance after it. */
export function AccountEntries({ number }: { number: string }) {
  const { t } = useLanguage();
  const title = t('staff.entries');
  const { data } = useQuery({
    queryKey: ['entries', number],
    queryFn: () =>
      fetchJson<List<Entry>>('GET', `/accounts/${encodeURIComponent(number)}/entries`, { query: { limit: 10 } }),
    retry: false,
  });
  const name = useFieldNames('transfers');
  const all = `/transfers?filter=${encodeURIComponent(JSON.stringify({ account: number }))}`;
  return (
    <Card
      title={title}
      flush
      aside={
        <Button size="small" component={Link} to={all}>
          {t('staff.all')}
        </Button>
      }
    >
      <SimpleTable
        label={title}
        rows={data?.data}
        keyOf={entry => `${entry.position} ${transferId(entry)}`}
        columns={[
          {
            name: name('created_at'),
            value: entry =>
              WITHOUT_TRANSFER.has(entry.kind) ? (
                <DateTime at={entry.recorded_at} />
              ) : (
                <InlineLink to={`/transfers/${transferId(entry)}/show`}>
                  <DateTime at={entry.recorded_at} />
                </InlineLink>
              ),
          },
          { name: name('kind'), value: entry => t.optional(`staff.kind.${entry.kind}`, entry.kind) },
          { name: t('staff.otherSide'), value: entry => <AccountLink number={entry.counterparty} /> },
          { name: name('label'), value: entry => entry.label },
          { name: name('amount'), right: true, value: entry => <Money minor={entry.change} of={entry} /> },
          { name: name('fee'), right: true, value: entry => <Money minor={entry.fee} of={entry} /> },
          {
            name: t('resources.accounts.fields.posted'),
            right: true,
            value: entry => <Money minor={entry.balance} of={entry} />,
          },
        ]}
      />
    </Card>
  );
}
