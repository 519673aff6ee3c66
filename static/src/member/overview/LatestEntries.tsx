import { useQueries } from '@tanstack/react-query';
import { api } from '../../api/client';
import type { Account } from '../../api/types';
import { useLanguage } from '../../i18n/member';
import { EntryRows } from '../account/EntryRows';
import { Card } from '../components/Card';
import { EmptyState } from '../components/EmptyState';
import { SkeletonRows } from '../components/SkeletonRows';

const SHOWN = 8;

/** The latest entries of all accounts. */
export function LatestEntries({ accounts }: { accounts: Account[] | undefined }) {
  const { t } = useLanguage();
  const found = useQueries({
    queries: (accounts ?? []).map(({ number }) => ({
      queryKey: ['entries', number, 'latest'],
      queryFn: () => api.entries(number, { limit: SHOWN }),
    })),
    combine: results => ({
      ready: results.every(result => result.data),
      entries: results.flatMap((result, at) =>
        (result.data?.data ?? []).map(entry => ({ ...entry, account: accounts?.[at]?.number })),
      ),
    }),
  });
  const newest = found.entries
    .filter(entry => entry.change !== 0)
    .sort((a, b) => b.position - a.position)
    .slice(0, SHOWN);
  const isReady = accounts && found.ready;
  return (
    <Card title={t('overview.latest')} flush sx={{ minHeight: 360 }}>
      {!isReady && <SkeletonRows count={5} />}
      {isReady &&
        (newest.length ? (
          <EntryRows entries={newest} withAccount={accounts.length > 1} />
        ) : (
          <EmptyState>{t('overview.noEntries')}</EmptyState>
        ))}
    </Card>
  );
}
