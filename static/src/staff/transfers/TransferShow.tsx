import Alert from '@mui/material/Alert';
import type { ReactNode } from 'react';
import { useGetOne } from 'react-admin';
import { formatNumber } from '../../format/numbers';
import { useFieldNames, useLanguage } from '../../i18n/staff';
import type { MemberRecord, TransferRecord } from '../api/records';
import { AccountLink } from '../fields/AccountLink';
import { DateTime } from '../fields/DateTime';
import { InlineLink } from '../fields/InlineLink';
import { Money } from '../fields/Money';
import { StatusChip } from '../fields/StatusChip';
import { HistoryCard } from '../history/HistoryCard';
import { parseTransferId } from '../providers/transferId';
import { Card } from '../record/Card';
import { DescriptionList } from '../record/DescriptionList';
import { ShowPage } from '../record/ShowPage';
import { LinkedSteps } from './LinkedSteps';
import { TransferActions } from './TransferActions';

const linkTo = (id: string | null | undefined) =>
  id ? <InlineLink to={`/transfers/${id}/show`}>{id}</InlineLink> : null;

type Row = [name: string, value: ReactNode];

/** Removes rows without a value, which most transfers lack. */
const given = (rows: Row[]) => rows.filter(([, value]) => value);

const isPartlyReversed = ({ kind, reversible, captured, amount }: TransferRecord) =>
  typeof reversible === 'number' && reversible < (kind === 'hold' ? captured : amount);

/** The page of a transfer. Transfers never change; a mistake is corrected by a reversal. */
export function TransferShow() {
  const { t, language } = useLanguage();
  const field = useFieldNames('transfers');
  return (
    <ShowPage<TransferRecord>
      title={one => t(`staff.kind.${one.kind}`)}
      mark={one => <StatusChip value={one.status} />}
      note={one => parseTransferId(one.id).command}
      aside={one => <TransferActions transfer={one} />}
    >
      {one => (
        <>
          {one.refusal && (
            <Alert severity="error">{t.optional(`problem.${one.refusal.code}`, one.refusal.detail)}</Alert>
          )}
          <Card title={t('staff.money')}>
            <DescriptionList
              rows={[
                [field('from'), <AccountLink key="from" number={one.from} />],
                [field('to'), <AccountLink key="to" number={one.to} />],
                [field('amount'), <Money key="a" minor={one.amount} of={one} />],
                [field('fee'), <Money key="f" minor={one.fee} of={one} />],
                [field('total'), <Money key="t" minor={one.total} of={one} />],
                ...given([
                  [field('captured'), one.kind === 'hold' && <Money key="c" minor={one.captured} of={one} />],
                  [field('remaining'), one.kind === 'hold' && <Money key="r" minor={one.remaining} of={one} />],
                  [field('reversed'), one.reversed > 0 && <Money key="back" minor={one.reversed} of={one} />],
                  [field('reversible'), isPartlyReversed(one) && <Money key="left" minor={one.reversible} of={one} />],
                ]),
              ]}
            />
          </Card>
          <Card title={t('staff.details')}>
            <DescriptionList
              rows={[
                [field('created_at'), <DateTime key="c" at={one.created_at} seconds />],
                [field('date'), one.date],
                [field('sender_label'), one.sender_label],
                [field('receiver_label'), one.receiver_label],
                ...given([
                  [field('reference'), one.reference],
                  [field('expires_at'), one.expires_at && <DateTime key="x" at={one.expires_at} />],
                  [field('ended_at'), one.ended_at && <DateTime key="e" at={one.ended_at} seconds />],
                  [field('reason'), one.reason],
                  [field('customer_text'), one.customer_text],
                  [field('hold'), one.kind === 'hold' ? one.hold : linkTo(one.hold)],
                  [field('settlement'), linkTo(one.settlement)],
                  [field('original'), linkTo(one.original)],
                  [field('placed_by'), one.placed_by && <Who key="by" id={one.placed_by} />],
                ]),
                [field('position'), formatNumber(one.position, language)],
                ...Object.entries(one.metadata ?? {}),
              ]}
            />
          </Card>
          {typeof one.step === 'number' && <LinkedSteps name={one.id} />}
          <HistoryCard
            object="transfer"
            also={one.kind === 'hold' ? 'hold' : undefined}
            id={parseTransferId(one.id).command}
          />
        </>
      )}
    </ShowPage>
  );
}

/** A link to a member of staff. */
function Who({ id }: { id: string }) {
  const { data } = useGetOne<MemberRecord>('members', { id });
  return <InlineLink to={`/members/${id}/show`}>{data?.name || data?.username || id.slice(-8)}</InlineLink>;
}
