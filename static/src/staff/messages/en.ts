/** The staff's texts; where react-admin looks for a resource's or a field's name, in its shape. */
export const staffEnglish = {
  resources: {
    members: { name: 'Member |||| Members', fields: { username: 'Username', name: 'Name', email: 'E-mail', role: 'Role', totp: 'Second factor', disabled: 'Disabled', free_transfers_per_day: 'Free transfers a day', joined_at: 'Joined', accounts: 'Accounts' } },
    accounts: { name: 'Account |||| Accounts', fields: { number: 'Number', 'owner.name': 'Owner', 'owner.username': 'Owner', 'type.name': 'Type', type: 'Type', currency: 'Currency', status: 'Status', posted: 'Balance', held: 'Held', available: 'Available', opened_at: 'Opened', own_limits: 'Own limits', own_limit_per_transfer: 'Own limit per transfer', own_limit_per_day: 'Own limit per day', overdraft: 'Overdraft', limit_per_transfer: 'Limit per transfer', limit_per_day: 'Limit per day', left_today: 'Left today', owner: 'Owner', 'frozen.debits': 'Refuse debits', 'frozen.credits': 'Refuse credits', close: 'Close for ever' } },
    'account-types': { name: 'Account type |||| Account types', fields: { code: 'Code', name: 'Name', currency: 'Currency', limit_per_transfer: 'Limit per transfer', limit_per_day: 'Limit per day', fee: 'Fee' } },
    transfers: { name: 'Transfer |||| Transfers', fields: { id: 'Reference', created_at: 'Time', kind: 'Kind', status: 'Status', from: 'From', to: 'To', amount: 'Amount', fee: 'Fee', account: 'Account', since: 'From date', until: 'To date', label: 'Statement text' } },
    tokens: { name: 'Token |||| Tokens', fields: { name: 'Name', username: 'Owner', scopes: 'Scopes', created_at: 'Created', expires_at: 'Expires', last_used_at: 'Last used' } },
    audit: { name: 'Audit entry |||| Audit log', fields: { at: 'Time', username: 'Who', role: 'Role', action: 'Action', object: 'Object', object_id: 'Which', address: 'From', before: 'Before', after: 'After' } },
  },
  staff: {
    title: 'Jangbu staff', recent: 'Recent actions', engine: 'Engine', pending: 'Pending queue', counter: 'Counter', member_site: 'My banking', language: '한국어', history: 'History', nothing: 'Nothing yet.',
    signed_out: 'Sign in with a staff account.', role: { member: 'Member', teller: 'Teller', auditor: 'Auditor', admin: 'Administrator' },
    freeze: 'Freeze', unfreeze: 'Unfreeze', bulk_done: '%{count} changed', bulk_failed: '%{count} could not be changed', confirm_bulk: 'Apply to %{count} accounts?', own_limit_help: '−1: as the type says; 0: no transfers; empty: no limit', terms: 'Terms', limits: 'Limits of its own', state: 'State', computed: 'Balances (computed)',
    reverse: 'Reverse', reverse_words: 'The money goes back by a transfer of its own. The original stays as it is.', reversed: 'Reversed', cancel: 'Cancel', retry: 'Retry', revoke: 'Revoke',
    deposit: 'Deposit', withdrawal: 'Withdrawal', account: 'Account number', amount: 'Amount', label: 'Statement text', book: 'Book', booked: 'Booked: %{amount}', confirm_cash: '%{kind}: %{amount}, account %{account}', unknown_account: 'No such account',
    disable: 'Disabled', enable: 'Enabled', stale: 'Someone changed it meanwhile. It was loaded again.',
  },
  engine: {
    live: 'Live', off: 'Reconnecting', throughput: 'Transfers per second', latency: 'Latency', commits: 'Commit', mailboxes: 'Mailboxes', actors: 'Active actors', in_flight: 'In flight', pending: 'Pending', journal: 'Journal', minute: 'Minute', hour: 'Hour', posted: 'Posted', refused: 'Refused', held: 'Held', records: 'Records per commit', sync: 'Sync', deepest: 'Deepest', all: 'Waiting in all', hottest: 'Hottest accounts', table: 'Figures', time: 'Time', number: 'Account', per_s: 'per second',
    durable: 'Durable to', checkpoint: 'Checkpoint', behind: '%{count} records behind', segments: 'Segments', disk: 'Journal on disk', state: 'State on disk', uptime: 'Up since', summary: '%{name}: %{now} now, %{most} at most', check: 'Check the chain', checking: 'Checking: %{percent} %', sound: 'The chain is sound.', broken: 'The chain is not sound: %{detail}', age: 'Age', stage: 'Stage', actor: 'Actor', mailbox: 'Mailbox', messages: 'Last messages', none: 'Nothing is pending.',
  },
};

export type StaffMessages = typeof staffEnglish;
