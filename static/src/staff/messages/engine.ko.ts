import type { engineEnglish } from './engine.en';

export const engineKorean: typeof engineEnglish = {
  live: '실시간', off: '다시 연결하는 중…', span: '표시 기간', minute: '1분', hour: '1시간', standing: '현재 상태', table: '수치 표로 보기', time: '시각', summary: '%{name} %{now}, 최대 %{most}',
  throughput: '이체 처리량', posted: '완료', refused: '거절', held: '보류', latency: '응답 시간', commit_size: '커밋 크기', records: '레코드', sync: '디스크 동기화', sync_mean: '평균', actors: '액터', active: '활성', passivated: '비활성', asleep: '비활성', mailboxes: '메시지함', deepest: '가장 긴 것', all: '전체', in_flight: '처리 중', commands: '명령', pending: '대기',
  durable: '기록 완료 위치', checkpoint: '체크포인트', behind: '레코드 %{count}개 뒤', checkpoint_age: '체크포인트 경과', segments: '세그먼트', journal: '저널', state: '저장 상태', disk: '디스크 합계', uptime: '가동 시간',
  hottest: '거래가 몰린 계좌', number: '계좌', share: '비중', per_s: '초당', quiet: '최근 1초 동안 거래가 없었습니다.',
  check: '체인 검사', check_now: '지금 검사', check_words: '영업을 멈추지 않고 모든 프레임과 레코드를 읽고 모든 잔액을 더해 봅니다.', checking: '%{percent}%: 레코드 %{through}개 중 %{checked}개', sound: '이상 없음: 레코드 %{checked}개, 계좌 %{accounts}개', faulty: '이상 발견: %{detail}', began: '시작', ended: '종료', sums: '%{currency} 전체 합계',
  age: '경과', stage: '단계', asked: '조회 횟수', none: '대기 중인 이체가 없습니다.', of_all: '전체 %{total}건 중 오래된 %{shown}건', stages: { queued: '대기', asked: '조회 중', waits_to_ask_again: '재조회 대기', over: '종료' },
  actor: '액터', actor_of: '액터 %{number}', to_account: '계좌 보기', mailbox: '메시지함', depth: '대기 메시지', undecided: '미확정 출금', waiting: '출금 대기', changing: '변경 중', events: '처리한 이벤트', last_record: '마지막 레코드', hold_queue: '보류 대기열', verified: '검증 대기', messages: '최근 메시지', no_messages: '지켜본 뒤로 온 메시지가 없습니다.', message: '메시지', outcome: '결과', queued: '뒤에 대기',
  heard: { debit: '출금', credit: '입금', accept: '접수', draw_hold: '보류 지급', amend_hold: '보류 변경', save: '저장', conclude: '종결', refund: '환급', decided: '확정', change: '변경' },
  outcomes: { applied: '반영', refused: '거절', waits: '대기', nothing: '해당 없음' },
};
