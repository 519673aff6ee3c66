import { useQuery } from '@tanstack/react-query';
import { fetchJson } from '../../api/http';
import type { List, Transfer } from '../../api/types';
import { useFieldNames, useLanguage } from '../../i18n/staff';
import { AccountLink } from '../fields/AccountLink';
import { InlineLink } from '../fields/InlineLink';
import { Money } from '../fields/Money';
import { parseTransferId, transferId } from '../providers/transferId';
import { Card } from '../record/Card';
import { SimpleTable } from '../record/SimpleTable';

/** All transfers that were booked together. Each can be opened and reversed by itself. */
export function LinkedSteps({ name }: { name: string }) {
  const { t } = useLanguage();
  const title = t('staff.steps');
  const { command, step } = parseTransferId(name);
  const { data } = useQuery({
    queryKey: ['steps', command],
    queryFn: () => fetchJson<List<Transfer>>('GET', '/admin/transfers', { query: { q: command } }),
  });
  const field = useFieldNames('transfers');
  const rows = data?.data.toSorted((a, b) => (a.step ?? 0) - (b.step ?? 0));
  return (
    <Card title={title} flush>
      <SimpleTable
        label={title}
        rows={rows}
        keyOf={transferId}
        columns={[
          {
            name: field('step'),
            value: one =>
              one.step === (step ?? 0) ? (
                (one.step ?? 0) + 1
              ) : (
                <InlineLink to={`/transfers/${transferId(one)}/show`}>{(one.step ?? 0) + 1}</InlineLink>
              ),
          },
          { name: field('kind'), value: one => t(`staff.kind.${one.kind}`) },
          { name: field('from'), value: one => <AccountLink number={one.from} /> },
          { name: field('to'), value: one => <AccountLink number={one.to} /> },
          { name: field('amount'), right: true, value: one => <Money minor={one.amount} of={one} /> },
        ]}
      />
    </Card>
  );
}
