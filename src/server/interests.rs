//! Conflicts of interest: staff may not work on their own accounts or those of their household.
//!
//! The rule is [`concerns`]. Everything that staff do for customers checks it: cash, holds, linked steps, reversals,
//! opening and changing accounts, the terms of account types, the pending queue, and the rights of members. The bank
//! extends it by assigning members to households (`PATCH /admin/members/{id}`).

use actix_web::http::StatusCode;
use jangbu::{AccountNumber, CommandId, OwnerId, Status, TypeCode};

use super::http::Problem;
use super::members::{Member, MemberId};
use super::principal::Principal;
use super::service::Service;

/// Returns whether the affairs of `owner` concern `staff` personally.
fn concerns(staff: &Member, owner: &Member) -> bool {
    staff.id == owner.id || (staff.household.is_some() && staff.household == owner.household)
}

impl Service {
    /// Fails if an account belongs to the staff member or their household. An unknown account, or one of the bank's
    /// own, belongs to nobody.
    ///
    /// # Errors
    /// 403 `conflict_of_interest`; those of the bank.
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

    /// Fails if a movement to be reversed moved money of the staff member or their household.
    ///
    /// # Errors
    /// 403 `conflict_of_interest`; those of the bank.
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

    /// Fails if an open account of the staff member or their household has the type whose terms are to be changed.
    ///
    /// # Errors
    /// 403 `conflict_of_interest`; those of the bank.
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

    /// Fails if `owner` is the staff member or belongs to their household.
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
    let detail = "this belongs to you or your household; ask a colleague to do it";
    Problem::new(StatusCode::FORBIDDEN, "conflict_of_interest", detail)
}
