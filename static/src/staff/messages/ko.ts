import type { StaffMessages } from './en';
import { engineKorean } from './engine.ko';
import { problemsKorean } from './problems.ko';

const movement = {
  id: '거래 번호', created_at: '거래 일시', ended_at: '종료 일시', date: '영업일', kind: '구분', status: '상태', from: '출금 계좌', to: '입금 계좌', amount: '금액', fee: '수수료', total: '합계', captured: '지급액', remaining: '남은 금액',
  account: '계좌번호', member: '회원', currency: '통화', text: '통장 표시·참조 내용', least: '최소 금액', most: '최대 금액', sender_label: '보낸 분 통장 표시', receiver_label: '받는 분 통장 표시', label: '통장 표시', reference: '참조',
  reason: '사유', customer_text: '고객 안내 문구', settlement: '지급 거래', reversed: '취소된 금액', hold: '보류', original: '원거래', reversible: '취소 가능 금액', placed_by: '보류 설정자', step: '순서', steps: '처리 내용', keep_rest: '잔여 금액 유지', at_most: '부족하면 가능한 만큼', type: '구분', settle: '지급·해제', position: '저널 위치', expires_at: '만료',
};

export const staffKorean: StaffMessages = {
  resources: {
    members: { name: '회원', fields: { id: '번호', username: '아이디', name: '이름', email: '이메일', role: '역할', totp: '2단계 인증', disabled: '이용 정지', free_transfers_per_day: '하루 무료 이체 횟수', household: '세대', joined_at: '가입일', password: '비밀번호' } },
    accounts: {
      name: '계좌',
      fields: {
        number: '계좌번호', owner: '예금주', 'owner.name': '예금주', owner_name: '예금주', 'type.name': '상품', type: '상품', currency: '통화', status: '상태', posted: '잔액', held: '보류', available: '출금 가능', pending_in: '입금 예정', overdraft: '마이너스 한도',
        opened_at: '개설일', own_limits: '별도 한도', own_limit_per_transfer: '1회 이체 한도', own_limit_per_day: '1일 이체 한도', limit_per_transfer: '1회 이체 한도', limit_per_day: '1일 이체 한도', left_today: '오늘 남은 한도', free_transfers_left: '남은 무료 이체',
        frozen: '거래 정지', 'frozen.debits': '출금 정지', 'frozen.credits': '입금 정지', debits: '출금', credits: '입금', close: '해지', position: '마지막 레코드',
      },
    },
    'account-types': { name: '예금 상품', fields: { code: '코드', name: '이름', currency: '통화', limit_per_transfer: '1회 이체 한도', limit_per_day: '1일 이체 한도', fee: '수수료', same_owner_exempt: '본인 간 무료', same_type_exempt: '같은 상품 간 무료' } },
    transfers: { name: '거래', fields: movement },
    holds: { name: '보류', fields: movement },
    schedules: { name: '자동이체', fields: { id: '번호', owner: '예금주', member: '예금주', account: '계좌번호', from: '출금 계좌', to: '입금 계좌', amount: '금액', rule: '주기', status: '상태', next_at: '다음 이체', runs: '이체 횟수', failed: '실패', end: '해지' } },
    tokens: { name: '토큰', fields: { id: '번호', name: '이름', username: '소유자', scopes: '권한', active: '사용 가능', created_at: '발급일', expires_at: '만료', last_used_at: '마지막 사용', last_used_from: '사용 주소', revoked_at: '폐기일', revoke: '폐기' } },
    audit: { name: '감사 기록', fields: { at: '일시', username: '처리자', member: '처리자', role: '역할', action: '작업', object: '대상', object_id: '대상 번호', address: '접속 주소', via: '경로', before: '변경 전', after: '변경 내용', request_id: '요청 번호', outcome: '결과', count: '횟수' } },
  },
  staff: {
    title: '장부 업무', recent: '최근 작업', engine: '엔진', pending: '검증 대기열', counter: '창구', member_site: '내 계좌', light: '밝은 화면', dark: '어두운 화면', history: '변경 이력', did: '처리한 작업', nothing: '아직 없습니다.', console: '시스템',
    filters: '필터', rows: '%{count}건', shown: '%{count}건 표시', no_rows: '조건에 맞는 내역이 없습니다.', sort_help: '정렬. Shift를 누르면 앞의 열에 이어서 정렬합니다', all_dates: '전체 기간', try_again: '다시 시도', more: '더 보기', all: '전체 보기', actions: '작업', any: '모두', currency_first: '통화를 먼저 선택하세요',
    profile: '기본 정보', standing: '자격', standing_note: '역할을 바꾸거나 이용을 정지하면 모든 접속이 끊깁니다. 이용을 정지하면 자동이체도 일시 정지됩니다.', balances: '잔액', computed: '원장에서 계산된 값으로, 고칠 수 없습니다.', terms: '약정', limits: '한도', limits_note: '별도 한도가 상품의 한도보다 우선합니다.', money: '금액', details: '상세 내용', entries: '최근 거래', open_holds: '보류 중인 거래', no_holds: '보류 중인 거래가 없습니다.', other_side: '상대 계좌', customer: '고객',
    no_limit: '한도 없음', forbidden: '이체 불가', amount_of: '%{name} 금액', fixed: '변경할 수 없습니다', its_accounts: '이 상품의 계좌', erased: '삭제된 회원', customers_have: '고객 계좌 %{smart_count}개, 잔액 합계 %{posted}', of_it_held: '보류 %{held}', steps: '함께 처리한 거래', disabled_count: '이용 정지 %{count}명', open_count: '정상 %{count}개', frozen_accounts: '거래 정지 계좌', own_limit_count: '별도 한도 계좌 %{count}개', customers_money: '고객 잔액 합계', held_count: '보류 %{amount}',
    wrong_amount: {
      short: '금액이 아닙니다', invalid: '금액으로 읽을 수 없습니다. 예: 1,234.50', invalid_whole: '금액으로 읽을 수 없습니다. 예: 10,000 또는 10만', too_precise: '이 통화는 소수점 아래 %{scale}자리까지입니다',
      too_precise_whole: '이 통화에는 소수점이 없습니다', too_large: '은행이 처리할 수 있는 금액보다 큽니다',
    },
    limit: { inherited: '상품 한도', own: '별도 한도', none: '한도 없음', amount: '금액 지정', zero: '0이면 이체할 수 없습니다' },
    overdraft_help: '잔액이 마이너스로 내려갈 수 있는 한도', fee_help: '하루 무료 이체를 다 쓴 뒤의 이체 수수료', code_help: '영문, 숫자, -, _ 10자까지. 나중에 바꿀 수 없습니다', username_help: '영문, 숫자, . _ - 3~40자', label_help: '통장에 표시할 내용, 10자까지',
    new_member: '회원 등록', new_type: '예금 상품 등록', open_account: '계좌 개설', saved: '저장했습니다',
    password_due: '다음 로그인 때 비밀번호를 바꿔야 합니다.', one_time: '임시 비밀번호', one_time_words: '%{username} 님께 전달해 주세요. 다시 볼 수 없고, 72시간 안에 로그인해 비밀번호를 바꿔야 합니다.',
    reset_password: '비밀번호 초기화', reset_password_question: '임시 비밀번호를 발급할까요? 모든 접속이 끊기고 API 토큰이 폐기됩니다.', reset_totp: '2단계 인증 해제', reset_totp_question: '2단계 인증을 해제할까요? 모든 접속이 끊기고 API 토큰이 폐기됩니다.', erase: '개인정보 삭제', erase_question: '이 회원의 개인정보를 모두 영구히 삭제할까요? 자동이체는 해지되고, 원장 기록은 회원 번호로만 남습니다.', erasure_unfinished: '이 회원의 암호 키가 아직 디스크에 남아 있을 수 있습니다. 디스크에 쓸 수 있게 되면 다시 삭제해 주세요.',
    schedule_end: { pause: '일시 정지', keep: '계속 이체', cancel: '영구 해지' }, pause_order: '일시 정지', pause_order_question: '이 자동이체를 일시 정지할까요? 회원이 다시 시작할 수 있습니다.', cancel_order: '해지', cancel_order_question: '이 자동이체를 영구히 해지할까요?', every: { once: '한 번', day: '매일', week: '매주', month: '매월' },
    outcome: { done: '완료', refused: '거절', repeated: '반복 요청', not_done: '처리되지 않음' },
    disable: '이용 정지', enable: '이용 정지 해제', disable_one: '로그인을 막고 모든 접속을 끊을까요? 자동이체를 어떻게 할지 선택해 주세요.', enable_one: '다시 로그인할 수 있게 할까요?', disable_many: '회원 %{smart_count}명의 이용을 정지할까요?', enable_many: '회원 %{smart_count}명의 이용 정지를 해제할까요?',
    change_type: '상품 변경', change_type_many: '계좌 %{smart_count}개의 상품을 변경할까요?', freeze: '거래 정지', unfreeze: '거래 정지 해제', freeze_note: '당분간 받지 않을 거래입니다.', freeze_one: '이 계좌의 입금과 출금을 정지할까요?', unfreeze_one: '입금과 출금을 다시 허용할까요?', freeze_many: '계좌 %{smart_count}개의 거래를 정지할까요?', unfreeze_many: '계좌 %{smart_count}개의 거래 정지를 해제할까요?', close: '해지', close_question: '이 계좌를 해지할까요? 되돌릴 수 없으며, 잔액이 0이고 보류 중인 거래가 없어야 합니다.',
    bulk_done: '%{smart_count}건을 변경했습니다', bulk_failed: '%{smart_count}건은 변경하지 못했습니다:',
    reverse: '거래 취소', reverse_words: '새 거래로 돈을 되돌립니다. 이 거래는 그대로 남습니다.', reversed: '거래를 취소했습니다', settle: '지급', settle_question: '보류한 금액을 받는 분에게 지급합니다.', void: '보류 해제', void_question: '보류한 금액을 보낸 분에게 돌려줄까요?', cancel: '이체 취소', cancel_question: '이 이체를 취소할까요? 돈은 보낸 분에게 돌아갑니다.', cancelled: '이체를 취소했습니다', retry: '재검증', retry_question: '처음부터 다시 검증할까요?', retried: '다시 검증하고 있습니다', revoke: '폐기', revoke_question: '‘%{name}’ 토큰을 폐기할까요? 사용 중인 프로그램이 바로 멈춥니다.', at_most: '최대 %{amount}',
    account: '계좌번호', amount: '금액', label: '통장 표시', do: { deposit: '입금 처리', withdrawal: '출금 처리', hold: '보류 설정', linked: '함께 처리' }, booked: '%{kind} 완료: %{amount}', confirm_cash: '%{name} 님 계좌 %{account}, %{kind} %{amount} 건을 처리합니다.', unknown_account: '없는 계좌입니다',
    linking: { words: '모든 거래가 함께 처리되거나, 하나도 처리되지 않습니다. 뒤의 거래는 앞의 거래 결과를 반영합니다.', step: '거래 %{place}', add: '거래 추가', remove: '거래 %{place} 빼기', hold: '보류 번호', no_hold: '보류 중인 거래가 아닙니다', all_left: '비워 두면 남은 금액 전부', question: '거래 %{smart_count}건을 함께 처리할까요?', done: '거래 %{smart_count}건을 처리했습니다' },
    told: { inherit: '상품 한도', unlimited: '한도 없음', transfer: '이체', settle: '보류 지급', void: '보류 해제' },
    holding: { placed: '보류 설정 완료: %{amount}', from: '출금 계좌번호', to: '입금 계좌번호', last_day: '보류 기한', last_day_help: '기한이 지나면 자동으로 해제됩니다. 비워 두면 직접 해제할 때까지 보류합니다', question: '%{payer} 님 계좌 %{from}에서 %{payee} 님 계좌 %{to}에 지급할 금액을 보류합니다: %{amount}.', until: '%{date}까지 지급하지 않은 금액은 자동으로 해제됩니다.', for_ever: '지급하거나 해제할 때까지 보류합니다.', rest: '남은 금액은 보류 해제' },
    role: { member: '회원', teller: '창구 직원', auditor: '감사', admin: '관리자' }, bank_account: { cash: '은행 현금', fees: '은행 수수료' },
    household_more: '같은 세대의 회원에게 같은 이름을 입력하세요. 직원은 자기 세대의 업무를 처리할 수 없어요.',
    scope: { read: '조회', transfer: '이체', batch: '일괄 이체', hold: '출금 보류', schedule: '자동이체', counter: '창구', events: '알림', audit: '감사 기록', admin_read: '전체 조회', admin: '관리' },
    state: { active: '진행 중', paused: '일시 정지', ended: '종료', open: '정상', frozen: '거래 정지', closed: '해지', posted: '완료', pending: '검증 중', held: '보류', settled: '지급', partly_settled: '일부 지급', voided: '해제', cancelled: '취소', rejected: '반려', expired: '만료', refused: '거절', disabled: '이용 정지' },
    kind: { transfer: '이체', transfer_out: '이체 출금', transfer_in: '이체 입금', changed: '약정 변경', opened: '개설', hold_out: '보류 설정', hold_in: '입금 예정', settled_out: '보류 지급', settled_in: '보류 입금', released: '보류 해제', amended: '보류 변경', deposit: '입금', withdrawal: '출금', sweep: '잔액 모으기', reversal: '거래 취소', hold: '보류', settlement: '보류 지급', release: '보류 해제', fee: '수수료', linked: '묶음 거래' },
    object: { account: '계좌', account_type: '예금 상품', member: '회원', transfer: '거래', hold: '보류', session: '접속', token: '토큰', members: '회원 목록', accounts: '계좌 목록', transfers: '거래 목록', tokens: '토큰 목록', pending: '검증 대기열', schedule: '자동이체', schedules: '자동이체 목록', request: '요청', audit: '감사 기록' },
    actions_of: { account: '계좌', account_type: '예금 상품', cash: '창구 입출금', hold: '보류', member: '회원', request: '거절되거나 반복된 요청', schedule: '자동이체', session: '접속', token: '토큰', transfer: '거래' },
    action: {
      account_opened: '계좌 개설', account_asked_for: '계좌 개설 신청', account_frozen: '거래 정지 변경', account_changed: '계좌 변경', account_close: '계좌 해지', account_overdraft: '마이너스 한도 변경', account_own_limit_per_transfer: '1회 한도 변경', account_own_limit_per_day: '1일 한도 변경', account_type: '상품 변경', account_swept: '잔액 모으기', account_read: '계좌 조회',
      account_type_made: '상품 등록', account_type_changed: '상품 변경', cash_deposited: '입금 처리', cash_withdrawn: '출금 처리', hold_placed: '보류 설정', hold_settled: '보류 지급', hold_voided: '보류 해제',
      member_created: '회원 등록', member_changed: '회원 정보 변경', member_disabled: '이용 정지', member_enabled: '이용 정지 해제', member_erased: '개인정보 삭제', member_password_changed: '비밀번호 변경', member_password_reset: '비밀번호 초기화', member_totp_disabled: '2단계 인증 해제', member_totp_enabled: '2단계 인증 설정', member_totp_offered: '2단계 인증 설정 시작', member_read: '회원 조회',
      session_created: '로그인', session_ended: '접속 종료', token_created: '토큰 발급', token_revoked: '토큰 폐기', steps_linked: '묶음 거래 처리', transfer_cancelled: '이체 취소', transfer_retried: '이체 재검증', transfer_reversed: '거래 취소', transfer_read: '거래 조회',
      members_read: '회원 목록 조회', accounts_read: '계좌 목록 조회', tokens_read: '토큰 목록 조회', transfers_read: '거래 목록 조회', pending_read: '검증 대기열 조회', schedules_read: '자동이체 목록 조회', audit_read: '감사 기록 조회', audit_followed: '감사 기록 수신',
      member_history_read: '회원 이력 조회', account_history_read: '계좌 이력 조회', account_type_history_read: '상품 이력 조회',
      members_exported: '회원 목록 내보내기', accounts_exported: '계좌 목록 내보내기', transfers_exported: '거래 목록 내보내기', tokens_exported: '토큰 목록 내보내기', audit_exported: '감사 기록 내보내기', account_exported: '계좌 내역 내보내기', member_exported: '회원 거래 내보내기',
      member_schedules_paused: '회원 자동이체 일시 정지', member_schedules_cancelled: '회원 자동이체 해지', schedule_paused: '자동이체 일시 정지', schedule_cancelled: '자동이체 해지',
      session_refused: '로그인 실패', request_refused: '요청 거절', request_repeated: '요청 반복',
    },
    problem: problemsKorean,
  },
  engine: engineKorean,
};
