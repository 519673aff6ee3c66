import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import Skeleton from '@mui/material/Skeleton';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router-dom';
import { fetchJson } from '../../api/http';
import type { Account } from '../../api/types';
import { formatAccountNumber } from '../../format/accountNumber';
import { formatNumber } from '../../format/numbers';
import { useLanguage } from '../../i18n/staff';
import { DateTime } from '../fields/DateTime';
import { InlineLink } from '../fields/InlineLink';
import { Money } from '../fields/Money';
import { useErrorText } from '../hooks/useErrorText';
import { PageHeader } from '../layout/PageHeader';
import { Card } from '../record/Card';
import { DescriptionList } from '../record/DescriptionList';
import { SimpleTable } from '../record/SimpleTable';

interface Message {
  number: number;
  at: string;
  kind: string;
  outcome: string;
  amount: number | null;
  hold: string | null;
  posted: number;
  undecided: number;
  waiting: number;
}

interface ActorState {
  number: string;
  active: boolean;
  mailbox_depth: number;
  undecided: number;
  waiting: boolean;
  changing: boolean;
  holds: { id: string; held: number; remaining: number; requires_verification: boolean; placed_at: string }[];
  messages?: Message[] | null;
  version: number;
  position: number;
}

const LOOK_MS = 1_000;

/**
 * The actor of one account: its mailbox, its holds and its latest messages. The engine records messages while somebody
 * looks.
 */
export default function ActorPage() {
  const { t, language } = useLanguage();
  const { number = '' } = useParams();
  const problem = useErrorText();
  const path = encodeURIComponent(number);
  const { data: actor, error } = useQuery({
    queryKey: ['engine', 'actor', number],
    queryFn: () => fetchJson<ActorState>('GET', `/admin/engine/accounts/${path}`),
    refetchInterval: LOOK_MS,
    retry: false,
  });
  const account = useQuery({
    queryKey: ['account', number],
    queryFn: () => fetchJson<Account>('GET', `/accounts/${path}`),
    staleTime: 60_000,
    retry: false,
  }).data;
  const of = account ?? {};
  const yes = (value: boolean | undefined) => (value === undefined ? undefined : t(`ra.boolean.${value}`));
  return (
    <Box sx={{ display: 'grid', gap: 2.5, gridTemplateColumns: 'minmax(0, 1fr)', maxWidth: 1120 }}>
      <PageHeader
        title={t('engine.actorOf', { number: formatAccountNumber(number) })}
        back="/engine"
        note={account ? account.type.name : undefined}
        mark={
          actor && (
            <Chip
              size="small"
              variant="outlined"
              color={actor.active ? 'success' : 'default'}
              label={t(actor.active ? 'engine.active' : 'engine.asleep')}
            />
          )
        }
        aside={
          <Button component={Link} to={`/accounts/${path}/show`} color="secondary" variant="outlined">
            {t('engine.toAccount')}
          </Button>
        }
      />
      {Boolean(error) && <Alert severity="error">{problem(error)}</Alert>}
      {!actor && !error && <Skeleton variant="rounded" height={160} />}
      {actor && (
        <>
          <Card title={t('engine.mailbox')}>
            <DescriptionList
              rows={[
                [t('engine.depth'), formatNumber(actor.mailbox_depth, language)],
                [t('engine.undecided'), actor.undecided],
                [t('engine.waiting'), yes(actor.waiting)],
                [t('engine.changing'), yes(actor.changing)],
                [t('engine.events'), formatNumber(actor.version, language)],
                [t('engine.lastRecord'), formatNumber(actor.position, language)],
              ]}
            />
          </Card>
          <Card title={t('engine.holdQueue')} flush>
            <SimpleTable
              label={t('engine.holdQueue')}
              rows={actor.holds}
              keyOf={hold => hold.id}
              empty={t('staff.noHolds')}
              columns={[
                {
                  name: t('resources.holds.fields.id'),
                  value: hold => <InlineLink to={`/holds/${hold.id}/show`}>{hold.id.slice(-8)}</InlineLink>,
                },
                {
                  name: t('resources.accounts.fields.held'),
                  right: true,
                  value: hold => <Money minor={hold.held} of={of} />,
                },
                {
                  name: t('resources.holds.fields.remaining'),
                  right: true,
                  value: hold => <Money minor={hold.remaining} of={of} />,
                },
                { name: t('engine.requires_verification'), value: hold => yes(hold.requires_verification) },
                {
                  name: t('resources.holds.fields.created_at'),
                  value: hold => <DateTime at={hold.placed_at} seconds />,
                },
              ]}
            />
          </Card>
          {actor.messages !== undefined && (
            <Card title={t('engine.messages')} flush>
              <SimpleTable
                label={t('engine.messages')}
                rows={[...(actor.messages ?? [])].reverse()}
                keyOf={message => String(message.number)}
                empty={t('engine.noMessages')}
                columns={[
                  { name: '#', right: true, value: message => message.number },
                  { name: t('engine.time'), value: message => <DateTime at={message.at} seconds /> },
                  {
                    name: t('engine.message'),
                    value: message => t.optional(`engine.messageKind.${message.kind}`, message.kind),
                  },
                  {
                    name: t('engine.outcomeTitle'),
                    value: message => t.optional(`engine.messageOutcome.${message.outcome}`, message.outcome),
                  },
                  {
                    name: t('resources.transfers.fields.amount'),
                    right: true,
                    value: message => <Money minor={message.amount} of={of} />,
                  },
                  {
                    name: t('resources.accounts.fields.posted'),
                    right: true,
                    value: message => <Money minor={message.posted} of={of} />,
                  },
                  { name: t('engine.undecided'), right: true, value: message => message.undecided },
                  { name: t('engine.queued'), right: true, value: message => message.waiting },
                ]}
              />
            </Card>
          )}
        </>
      )}
    </Box>
  );
}
