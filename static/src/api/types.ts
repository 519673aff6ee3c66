/**
 * The types of the API under short names. `npm run types` generates them from the OpenAPI document. Amounts are
 * integers in minor units, times are RFC 3339 in UTC, dates are `YYYY-MM-DD`.
 */
import type { components } from './schema';

type Shapes = components['schemas'];

/** A page of a list. */
export interface List<T> {
  data: T[];
  has_more: boolean;
  next?: string | null;
}

export type Account = Shapes['Account'];
export type AccountType = Shapes['AccountType'];
export type Credentials = Shapes['Credentials'];
export type Entry = Shapes['Entry'];
export type GrantedQuote = Shapes['GrantedQuote'];
export type Hold = Shapes['Hold'];
export type Member = Shapes['Member'];
export type Meta = Shapes['Meta'];
export type Payee = Shapes['Payee'];
export type Problem = Shapes['Problem'];
export type ProfileChange = Shapes['ProfileChange'];
export type ProofRequest = Shapes['ProofRequest'];
export type Quote = Shapes['Quote'];
export type RecoveryCodes = Shapes['RecoveryCodes'];
export type RefusedQuote = Shapes['RefusedQuote'];
export type Refusal = Shapes['Refusal'];
export type Role = Shapes['Role'];
export type Schedule = Shapes['Schedule'];
export type ScheduleOrder = Shapes['NewSchedule'];
export type ScheduleRule = Shapes['ScheduleRule'];
export type ScheduleRun = Shapes['ScheduleRun'];
export type Scope = Shapes['Scope'];
export type Session = Shapes['Session'];
export type SessionState = Shapes['SessionState'];
export type SetUp = Shapes['SetUp'];
export type SignUp = Shapes['SignUp'];
export type Token = Shapes['Token'];
export type TokenRequest = Shapes['TokenRequest'];
export type TotpOffer = Shapes['TotpOffer'];
export type Transfer = Shapes['Transfer'];
export type TransferOrder = Shapes['TransferRequest'];
export type TransferStatus = Shapes['TransferStatus'];

/** Returns whether the transfer of a quote would be carried out. */
export const isGranted = (quote: Quote): quote is GrantedQuote => quote.granted;
