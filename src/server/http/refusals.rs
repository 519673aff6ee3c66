//! The only place where refusals and errors of the bank become problems.

use actix_web::http::StatusCode;
use jangbu::{BankError, Error, Refusal, commands::InvalidCommand};
use serde_json::Value;

use super::Problem;

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        if let Refusal::BalanceLimit { number, .. } = refusal {
            // Only the owner may learn that a balance is at its limit.
            let detail = format!("account {number} cannot receive this amount");
            return Problem::new(StatusCode::UNPROCESSABLE_ENTITY, refusal.code(), detail)
                .with_figure("number", number.as_str());
        }
        let status = match refusal {
            Refusal::IdReused | Refusal::RecordConflict { .. } => StatusCode::CONFLICT,
            Refusal::Archived { .. } => StatusCode::GONE,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let problem = Problem::new(status, refusal.code(), refusal.to_string());
        // A refusal serializes as `"code"`, or with figures as `{"code": {figure: value}}`.
        match serde_json::to_value(&refusal) {
            Ok(Value::Object(mut tagged)) => match tagged.remove(refusal.code()) {
                Some(Value::Object(figures)) => problem.with_figures(figures),
                _ => problem,
            },
            _ => problem,
        }
    }
}

impl From<InvalidCommand> for Problem {
    fn from(invalid: InvalidCommand) -> Self {
        match invalid {
            InvalidCommand::BatchTooLarge { most } => {
                Problem::new(StatusCode::BAD_REQUEST, "batch_too_large", invalid.to_string()).with_figure("most", most)
            }
            _ => Problem::invalid(invalid.to_string()),
        }
    }
}

impl From<BankError> for Problem {
    fn from(error: BankError) -> Self {
        let unavailable = |code: &'static str, after| {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, error.to_string()).with_retry_after(after)
        };
        match &error {
            BankError::Overloaded => unavailable("overloaded", 1),
            BankError::Closed => unavailable("closed", 5),
            BankError::OutcomeUnknown => unavailable("outcome_unknown", 5),
            BankError::ClockAhead { last, now, lead } => unavailable("clock_ahead", 60)
                .with_figure("reading", now.to_string())
                .with_figure("trusted", last.to_string())
                .with_figure("lead_s", lead.as_secs()),
            // From a client that is ahead of a restored bank.
            BankError::BeyondEnd { .. } | BankError::AnotherHistory { .. } => {
                Problem::new(StatusCode::CONFLICT, "another_history", error.to_string())
            }
            BankError::Archived { position, first } => Problem::new(StatusCode::GONE, "archived", error.to_string())
                .with_figure("position", position.get())
                .with_figure("first", first.get()),
            // The reason is for the log, not for the client.
            failed => {
                tracing::error!("the bank cannot answer: {failed}");
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, "bank_stopped", "the bank cannot answer at the moment")
                    .with_retry_after(30)
            }
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::Invalid(invalid) => invalid.into(),
            Error::Bank(bank) => bank.into(),
            other => {
                tracing::error!("unknown error of the bank: {other}");
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the request failed")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jangbu::Amount;

    use super::*;

    #[test]
    fn a_refusal_keeps_its_code_and_figures() {
        let refusal =
            Refusal::InsufficientFunds { available: Amount::new(7).unwrap(), needed: Amount::new(9).unwrap() };
        let problem = Problem::from(refusal).to_value();
        assert_eq!(problem["status"], 422);
        assert_eq!(problem["code"], "insufficient_funds");
        assert_eq!(problem["figures"], serde_json::json!({ "available": 7, "needed": 9 }));
    }

    #[test]
    fn nobody_learns_anothers_balance_from_a_refusal() {
        let refusal =
            Refusal::BalanceLimit { number: "J".parse().unwrap(), posted: jangbu::Balance::new(777).unwrap() };
        let problem = Problem::from(refusal).to_value();
        assert_eq!(
            (&problem["code"], &problem["figures"]),
            (&"balance_limit".into(), &serde_json::json!({"number": "J"}))
        );
        assert!(!problem.to_string().contains("777"));
    }

    #[test]
    fn a_conflict_and_an_overload_have_statuses_of_their_own() {
        assert_eq!(Problem::from(Refusal::IdReused).status(), StatusCode::CONFLICT);
        assert_eq!(Problem::from(BankError::Overloaded).status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
