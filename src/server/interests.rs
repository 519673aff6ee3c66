//! Conflicts of interest: nobody of the staff works on own accounts, or on those of their household.
//!
//! The rule is [`concerns`], and everything that staff does for a customer asks it: cash, holds, linked steps, reversals,
//! opening and changing accounts, the terms of account types, the pending queue, and what a member is granted. The bank extends it by linking members
//! to households (`PATCH /admin/members/{id}`), which is as much as it has to know of who lives with whom.

use actix_web::http::StatusCode;
use jangbu::{AccountNumber, CommandId, OwnerId, accounts::TypeCode, queries::Status};

use super::http::Problem;
use super::members::{Member, MemberId};
use super::principal::Principal;
use super::service::Service;

/// Whether what happens to `owner` concerns `staff` personally.
fn concerns(staff: &Member, owner: &Member) -> bool {
    staff.id == owner.id || (staff.household.is_some() && staff.household == owner.household)
}

impl Service {
    /// Fails where staff would work on accounts of their own or of their household. An account that is unknown, or the bank's
    /// own, is nobody's.
    ///
    /// # Errors
    /// 403 `conflict_of_interest`; as the bank's.
    pub(crate) async fn keep_out_of_own_accounts(
        &self,
        caller: &Principal,
        numbers: impl IntoIterator<Item = AccountNumber>,
    ) -> Result<(), Problem> {
        for number in numbers {
            if let Some(facts) = self.facts(number).await? {
                self.keep_out_of_own_affairs(caller, facts.owner)?;
            }
        }
        Ok(())
    }

    /// Fails where staff would take back what moved money of their own or of their household.
    ///
    /// # Errors
    /// 403 `conflict_of_interest`; as the bank's.
    pub(crate) async fn keep_out_of_own_movements(
        &self,
        caller: &Principal,
        command: CommandId,
    ) -> Result<(), Problem> {
        for movement in self.bank.movements_of(command).await? {
            self.keep_out_of_own_accounts(caller, [movement.from, movement.to].into_iter().flatten()).await?;
        }
        Ok(())
    }

    /// Fails where staff would change the terms of a type that an open account of their own or of their household has.
    ///
    /// # Errors
    /// 403 `conflict_of_interest`; as the bank's.
    pub(crate) async fn keep_out_of_own_terms(&self, caller: &Principal, code: TypeCode) -> Result<(), Problem> {
        const PAGE: usize = 1_000;
        let members = self.members.all().into_iter().filter(|member| concerns(&caller.member, member));
        for owner in members.map(|member| member.owner()) {
            let mut after = None;
            loop {
                let page = self.bank.accounts_of(owner, after, PAGE).await?;
                if page.data.iter().any(|account| account.kind == code && account.status != Status::Closed) {
                    return Err(conflict());
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Fails where staff would work on what is their own or their household's.
    ///
    /// # Errors
    /// 403 `conflict_of_interest`.
    pub(crate) fn keep_out_of_own_affairs(&self, caller: &Principal, owner: OwnerId) -> Result<(), Problem> {
        let owner = MemberId::of_owner(&owner).and_then(|owner| self.members.find(owner));
        match owner.is_some_and(|owner| concerns(&caller.member, &owner)) {
            true => Err(conflict()),
            false => Ok(()),
        }
    }
}

fn conflict() -> Problem {
    let detail = "this concerns you or your household; ask a colleague to do it";
    Problem::new(StatusCode::FORBIDDEN, "conflict_of_interest", detail)
}
