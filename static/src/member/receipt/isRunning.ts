import type { Transfer } from '../../api/types';

/** Whether something is still to become of it. */
export const isRunning = ({ status }: Transfer) => status === 'pending' || status === 'held';
