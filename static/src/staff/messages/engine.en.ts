/** The operator's texts. */
export const engineEnglish = {
  live: 'Live', off: 'Reconnecting…', span: 'Time shown', minute: '1 minute', hour: '1 hour', standing: 'Standing', table: 'Figures as a table', time: 'Time', summary: '%{name} %{now}, at most %{most}',
  throughput: 'Transfers', posted: 'Posted', refused: 'Refused', held: 'Held', latency: 'Latency', commit_size: 'Commit size', records: 'Records', sync: 'Sync time', sync_mean: 'Mean', actors: 'Actors', active: 'Active', passivated: 'Passivated', asleep: 'Asleep', mailboxes: 'Mailboxes', deepest: 'Deepest', all: 'In all', in_flight: 'In flight', commands: 'Commands', pending: 'Waiting',
  durable: 'Durable up to', checkpoint: 'Checkpoint', behind: '%{count} records behind', checkpoint_age: 'Checkpoint age', segments: 'Segments', journal: 'Journal', state: 'Stored state', disk: 'Disk in all', uptime: 'Up for',
  hottest: 'Hottest accounts', number: 'Account', share: 'Share', per_s: 'Per second', quiet: 'No account was busy in the last second.',
  check: 'Check of the chain', check_now: 'Check now', check_words: 'Reads every frame and record and adds up every balance, while the bank goes on.', checking: '%{percent} %: %{checked} of %{through} records', sound: 'Sound: %{checked} records, %{accounts} accounts.', faulty: 'Not sound: %{detail}', began: 'Began', ended: 'Ended', sums: 'All sums, %{currency}',
  age: 'Age', stage: 'Stage', asked: 'Asked', none: 'No transfer is waiting.', of_all: 'The oldest %{shown} of %{total}', stages: { queued: 'Queued', asked: 'Asked', waits_to_ask_again: 'Waits to ask again', over: 'Over' },
  actor: 'Actor', actor_of: 'Actor %{number}', to_account: 'Account', mailbox: 'Mailbox', depth: 'Depth', undecided: 'Undecided debits', waiting: 'Debits wait', changing: 'Being changed', events: 'Events seen', last_record: 'Last record', hold_queue: 'Hold queue', verified: 'Awaits verification', messages: 'Last messages', no_messages: 'None since somebody looked.', message: 'Message', outcome: 'Outcome', queued: 'Queued behind',
  heard: { debit: 'Debit', credit: 'Credit', accept: 'Accept', draw_hold: 'Draw hold', amend_hold: 'Amend hold', save: 'Save', conclude: 'Conclude', refund: 'Refund', decided: 'Decided', change: 'Change' },
  outcomes: { applied: 'Applied', refused: 'Refused', waits: 'Waits', nothing: 'Nothing to do' },
};
