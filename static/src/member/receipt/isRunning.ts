import type { Transfer } from '../../api/types';

/** Returns whether the outcome of a transfer is still open. */
export const isRunning = ({ status }: Transfer) => status === 'pending' || status === 'held';
