/** What the stream of one's own accounts tells, as far as the pages look at it; the description of the API has no shapes for streams. */
export interface BankEvent {
  position: number;
  kind: string;
  transfer: Movement | null;
  steps?: Movement[];
}

interface Movement {
  status: string;
  from: string | null;
  to: string | null;
  amount: number;
  currency: string | null;
  scale: number | null;
}
