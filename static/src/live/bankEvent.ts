/** The part of an event that the pages use. The OpenAPI document does not describe the streams. */
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
