/** The staff's texts; where react-admin looks for a resource's or a field's name, in its shape. */
import { engineEnglish } from './engine.en';
import { problemsEnglish } from './problems.en';

const movement = {
  id: 'Id', created_at: 'Time', ended_at: 'Ended', date: 'Business date', kind: 'Kind', status: 'Status', from: 'From', to: 'To', amount: 'Amount', fee: 'Fee', total: 'Total', captured: 'Captured', remaining: 'Remaining',
  account: 'Account number', member: 'Member', currency: 'Currency', text: 'Text in labels or reference', least: 'At least', most: 'At most', sender_label: "Sender's label", receiver_label: "Receiver's label", label: 'Label', reference: 'Reference',
  reason: 'Reason', customer_text: 'Text for the customer', settlement: 'Settlement', reversed: 'Reversed', hold: 'Hold', original: 'Original', reversible: 'Can still be reversed', placed_by: 'Placed by', step: 'Step', steps: 'Steps', keep_rest: 'Rest stays held', at_most: 'Or less', type: 'Type', settle: 'Settle or release', position: 'Journal position', expires_at: 'Expires',
};

export const staffEnglish = {
  resources: {
    members: { name: 'Member |||| Members', fields: { id: 'Id', username: 'Username', name: 'Name', email: 'E-mail', role: 'Role', totp: 'Second factor', disabled: 'Disabled', free_transfers_per_day: 'Free transfers a day', household: 'Household', joined_at: 'Joined', password: 'Password' } },
    accounts: {
      name: 'Account |||| Accounts',
      fields: {
        number: 'Number', owner: 'Owner', 'owner.name': 'Owner', owner_name: 'Owner', 'type.name': 'Type', type: 'Type', currency: 'Currency', status: 'Status', posted: 'Balance', held: 'Held', available: 'Available', pending_in: 'Pending in', overdraft: 'Overdraft',
        opened_at: 'Opened', own_limits: 'Limits of its own', own_limit_per_transfer: 'Limit per transfer', own_limit_per_day: 'Limit per day', limit_per_transfer: 'Limit per transfer', limit_per_day: 'Limit per day', left_today: 'Left today', free_transfers_left: 'Free transfers left',
        frozen: 'Frozen', 'frozen.debits': 'Debits refused', 'frozen.credits': 'Credits refused', debits: 'Debits', credits: 'Credits', close: 'Closed', position: 'Last record',
      },
    },
    'account-types': { name: 'Account type |||| Account types', fields: { code: 'Code', name: 'Name', currency: 'Currency', limit_per_transfer: 'Limit per transfer', limit_per_day: 'Limit per day', fee: 'Fee', same_owner_exempt: 'Free between one’s own', same_type_exempt: 'Free within the type' } },
    transfers: { name: 'Transfer |||| Transfers', fields: movement },
    holds: { name: 'Hold |||| Holds', fields: movement },
    tokens: { name: 'Token |||| Tokens', fields: { id: 'Id', name: 'Name', username: 'Owner', scopes: 'Scopes', active: 'Usable', created_at: 'Made', expires_at: 'Expires', last_used_at: 'Last used', last_used_from: 'From', revoked_at: 'Revoked', revoke: 'Revoke' } },
    audit: { name: 'Audit entry |||| Audit log', fields: { at: 'Time', username: 'Who', member: 'Who', role: 'Role', action: 'Action', object: 'About', object_id: 'Which', address: 'From', via: 'By', before: 'Before', after: 'What changed', request_id: 'Request' } },
  },
  staff: {
    title: 'Jangbu staff', recent: 'Recent actions', engine: 'Engine', pending: 'Pending queue', counter: 'Counter', member_site: 'My banking', light: 'Light theme', dark: 'Dark theme', history: 'History', did: 'What they did', nothing: 'Nothing yet.', console: 'the machine',
    filters: 'Filters', rows: '%{count} row |||| %{count} rows', shown: '%{count} shown', no_rows: 'Nothing fits these filters.', sort_help: 'Sort. With Shift also by the columns before', all_dates: 'All dates', try_again: 'Try again', more: 'More', all: 'All', actions: 'Actions', any: 'any', currency_first: 'Choose a currency first',
    profile: 'Profile', standing: 'Standing', standing_note: 'Another role, or disabling, ends every session of theirs.', balances: 'Balances', computed: 'Computed from the ledger; not for editing.', terms: 'Terms', limits: 'Limits', limits_note: 'A limit of its own takes precedence over the type’s.', money: 'Money', details: 'Details', entries: 'Latest entries', open_holds: 'Open holds', no_holds: 'No open holds.', other_side: 'Other side', customer: 'Customer',
    no_limit: 'No limit', forbidden: 'No transfers', amount_of: '%{name}: amount', fixed: 'Cannot be changed', its_accounts: 'Its accounts', erased: 'Erased member', customers_have: 'Customers have %{posted} in %{smart_count} account |||| Customers have %{posted} in %{smart_count} accounts', of_it_held: 'of it held %{held}', steps: 'Steps of this order', disabled_count: '%{count} disabled', open_count: '%{count} open', frozen_accounts: 'Frozen accounts', own_limit_count: '%{count} with limits of their own', customers_money: 'Customers’ balances', held_count: '%{amount} held',
    wrong_amount: {
      short: 'Not an amount', invalid: 'This is not an amount. Write it like 1,234.50', invalid_whole: 'This is not an amount. Write it like 10,000', too_precise: 'This currency has %{scale} decimal places',
      too_precise_whole: 'This currency has no decimal places', too_large: 'This is more than the bank can book',
    },
    limit: { inherited: 'As the type says', own: 'its own', none: 'No limit', amount: 'An amount', zero: 'Zero: no transfers' },
    overdraft_help: 'How far below zero the balance may go', fee_help: 'What a transfer costs once the day’s free ones are used up', code_help: 'Up to 10 letters, digits, - and _; it cannot be changed', username_help: '3 to 40 letters, digits, . _ -', label_help: 'On the statement, up to 10 characters',
    new_member: 'New member', new_type: 'New account type', open_account: 'Open an account', saved: 'Saved',
    password_due: 'A new password has to be chosen at the next sign-in.', one_time: 'One-time password', one_time_words: 'Give it to %{username}. It is not shown again, works within 72 hours, and has to be changed at the sign-in.',
    reset_password: 'New password', reset_password_question: 'Make a one-time password? Every session of theirs ends.', reset_totp: 'Remove the second factor', reset_totp_question: 'Take the second factor away? Every session of theirs ends.', erase: 'Erase', erase_question: 'Destroy everything personal about this member, for ever? What the ledger has stays, under the id alone.',
    disable: 'Disable', enable: 'Enable', disable_one: 'Refuse signing in, and end every session?', enable_one: 'Allow signing in again?', disable_many: 'Disable %{smart_count} member? |||| Disable %{smart_count} members?', enable_many: 'Enable %{smart_count} member? |||| Enable %{smart_count} members?',
    change_type: 'Change type', change_type_many: 'Move %{smart_count} account to another type? |||| Move %{smart_count} accounts to another type?', freeze: 'Freeze', unfreeze: 'Unfreeze', freeze_note: 'What is refused for the time being.', freeze_one: 'Refuse debits and credits of this account?', unfreeze_one: 'Allow debits and credits again?', freeze_many: 'Freeze %{smart_count} account? |||| Freeze %{smart_count} accounts?', unfreeze_many: 'Unfreeze %{smart_count} account? |||| Unfreeze %{smart_count} accounts?', close: 'Close', close_question: 'Close this account for ever? Its balance must be zero, and no hold open.',
    bulk_done: '%{smart_count} changed', bulk_failed: '%{smart_count} could not be changed:',
    reverse: 'Reverse', reverse_words: 'The money goes back by a transfer of its own. This one stays as it is.', reversed: 'Reversed', settle: 'Settle', settle_question: 'Hand the held money over to the receiver.', void: 'Release', void_question: 'Give the held money back to the sender?', cancel: 'Cancel transfer', cancel_question: 'Cancel this transfer? Its money goes back to the sender.', cancelled: 'The transfer was cancelled', retry: 'Verify again', retry_question: 'Have it verified again, from the start?', retried: 'The verifier is being asked', revoke: 'Revoke', revoke_question: 'Revoke “%{name}”? Whatever uses it stops at once.', at_most: 'At most %{amount}',
    account: 'Account number', amount: 'Amount', label: 'Label', do: { deposit: 'Book deposit', withdrawal: 'Book withdrawal', hold: 'Place hold', linked: 'Book together' }, booked: '%{kind} booked: %{amount}', confirm_cash: '%{kind} of %{amount}, account %{account}, %{name}.', unknown_account: 'There is no such account',
    linking: { words: 'All steps happen together, or none. A step sees what the steps before it did.', step: 'Step %{place}', add: 'Add a step', remove: 'Remove step %{place}', hold: 'Id of the hold', no_hold: 'There is no open hold of this id', all_left: 'Without an amount all that is left', question: 'Book %{smart_count} step? |||| Book %{smart_count} steps, all or none?', done: '%{smart_count} movement booked |||| %{smart_count} movements booked' },
    told: { inherit: 'As the type says', unlimited: 'No limit', transfer: 'Transfer', settle: 'Settle', void: 'Release' },
    holding: { placed: 'Hold placed: %{amount}', from: 'From account number', to: 'To account number', last_day: 'Last day', last_day_help: 'After it the money goes back by itself; without one only when somebody releases it', question: 'Hold %{amount} of account %{from}, %{payer}, for account %{to}, %{payee}.', until: 'What is not settled by the end of %{date} goes back.', for_ever: 'It is held until it is settled or released.', rest: 'Give the rest back' },
    role: { member: 'Member', teller: 'Teller', auditor: 'Auditor', admin: 'Administrator' }, bank_account: { cash: 'The bank’s cash', fees: 'The bank’s fees' },
    household_more: 'The same word for all who share a household. Staff serve nobody of their own.',
    scope: { read: 'Read', transfer: 'Transfer', batch: 'Batch', hold: 'Holds', schedule: 'Standing orders', counter: 'Counter', events: 'Events', audit: 'Audit log', admin_read: 'Read everything', admin: 'Administer' },
    state: { open: 'Open', frozen: 'Frozen', closed: 'Closed', posted: 'Posted', pending: 'Pending', held: 'Held', settled: 'Settled', partly_settled: 'Partly settled', voided: 'Released', cancelled: 'Cancelled', rejected: 'Rejected', expired: 'Expired', refused: 'Refused', disabled: 'Disabled' },
    kind: { transfer: 'Transfer', transfer_out: 'Transfer out', transfer_in: 'Transfer in', changed: 'Change of terms', opened: 'Opening', hold_out: 'Hold', hold_in: 'Hold, incoming', settled_out: 'Settlement out', settled_in: 'Settlement in', released: 'Hold released', amended: 'Hold changed', deposit: 'Deposit', withdrawal: 'Withdrawal', sweep: 'Sweep', reversal: 'Reversal', hold: 'Hold', settlement: 'Settlement', release: 'Release', fee: 'Fee', linked: 'Linked' },
    object: { account: 'Account', account_type: 'Account type', member: 'Member', transfer: 'Transfer', hold: 'Hold', session: 'Session', token: 'Token', members: 'List of members', accounts: 'List of accounts', transfers: 'List of transfers', tokens: 'List of tokens', pending: 'Pending queue' },
    actions_of: { account: 'Accounts', account_type: 'Account types', cash: 'Cash', hold: 'Holds', member: 'Members', session: 'Sessions', token: 'Tokens', transfer: 'Transfers' },
    action: {
      account_opened: 'opened an account', account_asked_for: 'asked for a new account', account_frozen: 'changed a freeze', account_close: 'closed an account', account_overdraft: 'changed an overdraft', account_own_limit_per_transfer: 'changed a limit per transfer', account_own_limit_per_day: 'changed a limit per day', account_type: 'changed an account’s type', account_swept: 'swept an account', account_read: 'read an account',
      account_type_made: 'made an account type', account_type_changed: 'changed an account type', cash_deposited: 'booked a deposit', cash_withdrawn: 'booked a withdrawal', hold_placed: 'placed a hold', hold_settled: 'settled a hold', hold_voided: 'released a hold',
      member_created: 'made a member', member_changed: 'changed a member', member_disabled: 'disabled a member', member_enabled: 'enabled a member', member_erased: 'erased a member', member_password_changed: 'changed the password', member_password_reset: 'gave a new password', member_totp_disabled: 'removed the second factor', member_totp_enabled: 'set a second factor', member_totp_offered: 'began to set a second factor', member_read: 'read a member',
      session_created: 'signed in', session_ended: 'ended a session', token_created: 'made a token', token_revoked: 'revoked a token', steps_linked: 'booked linked transfers', transfer_cancelled: 'cancelled a transfer', transfer_retried: 'had a transfer verified again', transfer_reversed: 'reversed a transfer', transfer_read: 'read a transfer',
      members_read: 'read the list of members', accounts_read: 'read the list of accounts', tokens_read: 'read the list of tokens', transfers_read: 'read the list of transfers', pending_read: 'read the pending queue',
    },
    problem: problemsEnglish,
  },
  engine: engineEnglish,
};

export type StaffMessages = typeof staffEnglish;
