import { useQuery } from '@tanstack/react-query';
import { api } from '../api/client';

/** The bank's time zone, in which its days are. */
export const useZone = () => useQuery({ queryKey: ['meta'], queryFn: api.meta, staleTime: Infinity }).data?.time_zone ?? 'UTC';
