import type { StaffMessages } from './en';

export const staffKorean: StaffMessages = {
  resources: {
    members: { name: '회원', fields: { username: '아이디', name: '이름', email: '이메일', role: '역할', totp: '2단계 인증', disabled: '사용 중지', free_transfers_per_day: '하루 무료 이체', joined_at: '가입일', accounts: '계좌 수' } },
    accounts: { name: '계좌', fields: { number: '계좌번호', 'owner.name': '예금주', 'owner.username': '예금주', 'type.name': '종류', type: '종류', currency: '통화', status: '상태', posted: '잔액', held: '보류', available: '출금 가능', opened_at: '개설일', own_limits: '별도 한도', own_limit_per_transfer: '별도 1회 한도', own_limit_per_day: '별도 1일 한도', overdraft: '마이너스 한도', limit_per_transfer: '1회 한도', limit_per_day: '1일 한도', left_today: '오늘 남은 한도', owner: '예금주', 'frozen.debits': '출금 정지', 'frozen.credits': '입금 정지', close: '해지' } },
    'account-types': { name: '계좌 종류', fields: { code: '코드', name: '이름', currency: '통화', limit_per_transfer: '1회 한도', limit_per_day: '1일 한도', fee: '수수료' } },
    transfers: { name: '이체', fields: { id: '거래 번호', created_at: '시각', kind: '종류', status: '상태', from: '출금 계좌', to: '입금 계좌', amount: '금액', fee: '수수료', account: '계좌', since: '시작일', until: '종료일', label: '통장 표시' } },
    tokens: { name: '토큰', fields: { name: '이름', username: '소유자', scopes: '권한', created_at: '만든 때', expires_at: '만료', last_used_at: '마지막 사용' } },
    audit: { name: '감사 기록', fields: { at: '시각', username: '누가', role: '역할', action: '행위', object: '대상', object_id: '대상 번호', address: '주소', before: '이전', after: '이후' } },
  },
  staff: {
    title: '장부 직원 화면', recent: '최근 작업', engine: '엔진', pending: '대기열', counter: '창구', member_site: '내 계좌', language: 'English', history: '변경 기록', nothing: '아직 없습니다.',
    signed_out: '직원 계정으로 로그인하세요.', role: { member: '회원', teller: '창구 직원', auditor: '감사', admin: '관리자' },
    freeze: '거래 정지', unfreeze: '정지 해제', bulk_done: '%{count}개 변경', bulk_failed: '%{count}개는 변경하지 못했습니다', confirm_bulk: '계좌 %{count}개에 적용할까요?', own_limit_help: '−1: 종류의 한도, 0: 이체 금지, 비움: 한도 없음', terms: '조건', limits: '별도 한도', state: '상태', computed: '잔액(계산값)',
    reverse: '취소 거래', reverse_words: '돈은 새 거래로 되돌아갑니다. 원래 거래는 그대로 남습니다.', reversed: '취소 거래를 했습니다', cancel: '취소', retry: '다시 시도', revoke: '폐기',
    deposit: '입금', withdrawal: '출금', account: '계좌번호', amount: '금액', label: '통장 표시', book: '처리', booked: '처리했습니다: %{amount}', confirm_cash: '%{kind}: %{amount}, 계좌 %{account}', unknown_account: '없는 계좌입니다',
    disable: '사용 중지', enable: '사용', stale: '그 사이에 바뀌어 다시 불러왔습니다.',
  },
  engine: {
    live: '실시간', off: '다시 연결하는 중', throughput: '초당 이체', latency: '지연 시간', commits: '커밋', mailboxes: '우편함', actors: '활성 액터', in_flight: '처리 중', pending: '대기', journal: '저널', minute: '1분', hour: '1시간', posted: '완료', refused: '거절', held: '보류', records: '커밋당 레코드', sync: '동기화', deepest: '가장 긴 것', all: '모두', hottest: '가장 바쁜 계좌', table: '수치', time: '시각', number: '계좌', per_s: '초당',
    durable: '기록 위치', checkpoint: '체크포인트', behind: '레코드 %{count}개 뒤', segments: '세그먼트', disk: '저널 크기', state: '상태 크기', uptime: '가동 시간', summary: '%{name}: 지금 %{now}, 최대 %{most}', check: '체인 검사', checking: '검사 중: %{percent} %', sound: '체인에 이상이 없습니다.', broken: '체인에 이상이 있습니다: %{detail}', age: '경과', stage: '단계', actor: '액터', mailbox: '우편함', messages: '최근 메시지', none: '대기 중인 이체가 없습니다.',
  },
};
