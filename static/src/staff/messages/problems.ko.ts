import type { problemsEnglish } from './problems.en';

export const problemsKorean: typeof problemsEnglish = {
  other_member: '지금 이 브라우저에는 다른 사람이 로그인되어 있어 보내지 않았습니다.', connection_lost: '은행에 연결되지 않습니다. 다시 시도해 주세요.', conflict: '그 사이에 다른 사람이 변경하여 다시 불러왔습니다.', not_found: '찾을 수 없습니다.', forbidden: '권한이 없습니다.', not_allowed: '권한이 없습니다.', overloaded: '요청이 많습니다. 잠시 후 다시 시도해 주세요.', clock_ahead: '은행이 시계를 믿지 않습니다. 시계를 바로잡거나 jangbu clock accept를 실행하세요.', too_many_requests: '요청이 너무 많습니다. 잠시 후 다시 시도해 주세요.',
  account_unknown: '없는 계좌입니다.', account_closed: '해지된 계좌입니다.', account_frozen: '거래가 정지된 계좌입니다.', system_account: '은행 자체 계좌입니다.', insufficient_funds: '출금 가능 금액이 부족합니다.', limit_per_transfer: '1회 이체 한도를 넘습니다.', limit_per_day: '1일 이체 한도를 넘습니다.', balance_limit: '계좌에 더 입금할 수 없습니다.', amount_zero: '0보다 큰 금액을 입력해 주세요.',
  not_empty: '잔액이 남아 있습니다.', holds_open: '보류 중인 거래가 있습니다.', overdraft_in_use: '이미 그보다 많은 마이너스 한도를 쓰고 있습니다.', type_unknown: '없는 상품입니다.', type_currency: '통화가 다른 상품입니다.', type_exists: '이미 있는 코드입니다.', type_fixed: '변경할 수 없는 상품입니다.', currency_unknown: '취급하지 않는 통화입니다.',
  proof_required: '본인 확인을 하지 않아 처리하지 않았습니다.', session_required: '로그인한 사람만 할 수 있습니다.', totp_due: '먼저 2단계 인증을 설정해 주세요.', contains_username: '비밀번호에 아이디를 넣을 수 없습니다.',
  username_taken: '이미 사용 중인 아이디입니다.', last_admin: '관리자가 한 명 이상 있어야 합니다.', not_pending: '더 이상 대기 중이 아닙니다.', not_verified: '검증을 기다리는 거래가 아닙니다.', not_reversible: '취소할 수 없는 거래입니다.', reversal_too_large: '취소할 수 있는 금액을 넘습니다.', capture_too_large: '보류 금액을 넘습니다.', linked: '묶음 거래의 일부이므로 함께만 취소할 수 있습니다.',
  out_of_range: '허용 범위를 벗어났습니다.', already_reversed: '이미 취소된 거래입니다.', hold_settled: '이미 지급된 보류입니다.', hold_voided: '이미 해제된 보류입니다.', hold_expired: '기한이 지난 보류입니다.', expiry_passed: '이미 지난 날짜입니다.', same_account: '출금 계좌와 입금 계좌가 같습니다.', currency_mismatch: '통화가 다른 계좌입니다.', currency_limit: '이 통화로는 더 보유할 수 없습니다.', under_verification: '검증 결과에 따라 처리됩니다. 그때까지는 취소할 수 있습니다.', id_reused: '같은 요청 번호로 다른 내용을 보냈습니다.',
};
