import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/client';
import type { Account } from '../../api/types';

/** Returns the member's accounts, closed ones last. */
export const useAccounts = (): Account[] | undefined =>
  useQuery({ queryKey: ['accounts'], queryFn: api.accounts, select: byUse }).data;

const byUse = ({ data }: { data: Account[] }) =>
  [...data].sort((a, b) => Number(a.status === 'closed') - Number(b.status === 'closed'));
